"""The clusters that the contract holds for."""

from tests.support.worlds import world

__all__ = ["world"]
