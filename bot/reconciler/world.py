"""What a pass is given."""

from dataclasses import dataclass

from bot.config.catalogue import Catalogue
from bot.ports.clock import Clock
from bot.ports.pace import Pace
from bot.ports.releases import Releases
from bot.ports.traffic import Traffic
from bot.reconciler.act import Actor
from bot.reconciler.observe import Observer
from bot.reconciler.record import Recorder
from bot.reconciler.registry import Registry
from bot.reconciler.rush import Rush
from bot.reconciler.tell import Teller


@dataclass(frozen=True, slots=True)
class World:
    """The doors a pass goes through."""

    catalogue: Catalogue
    clock: Clock
    releases: Releases
    traffic: Traffic
    registry: Registry
    observer: Observer
    actor: Actor
    recorder: Recorder
    teller: Teller
    pace: Pace
    rush: Rush
