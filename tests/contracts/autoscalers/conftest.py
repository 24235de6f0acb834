"""The clusters that the contract holds for."""

from tests.support.clusters import real_plane, world

__all__ = ["real_plane", "world"]
