"""One small cluster in memory, behind the fakes of the ports `Workloads`, `Traffic` and `Changes`.

Pods become ready at once, unless `slow` is set (then `roll_out()` makes them) or their image is broken.
Whatever a person or a failure may do to a real cluster has a verb here; the fakes themselves hold nothing.
"""

from collections import deque
from collections.abc import Callable
from datetime import datetime
from itertools import count

from bot.config.catalogue import Service
from bot.errors import Conflict, ReasonCode, TargetGone, Unavailable, refuse
from bot.ports.changes import Change
from bot.ports.workloads import Pod, Track
from bot.release.grant import Grant
from bot.release.model import ALL_STABLE, Split
from tests.fakes.objects import LONG_AGO, Deployed, Routed, Scaled, Written, leaving


class FakeCluster:
    """`writes` lists what reached the cluster.

    `down` says why every verb is `Unavailable` now; `denials` are raised by the next writes instead of them; `hidden` is what looking
    for autoscalers raises.
    """

    def __init__(self) -> None:
        self.deployments: dict[tuple[str, str], Deployed] = {}
        self.routes: dict[tuple[str, str], Routed] = {}
        self.autoscalers: dict[tuple[str, str], Scaled] = {}
        self.hidden: Exception | None = None
        self.writes: list[Written] = []
        self.down: str | None = None
        self.slow = False
        self.denials: deque[Exception] = deque()
        self._lost_answers = 0
        self._broken: dict[str, tuple[str, str]] = {}
        self._gone: set[str] = set()
        self._listeners: list[Callable[[Change], None]] = []
        self._versions = count(1)

    def add(
        self, service: Service, *, version: str = "v1.2.9", replicas: int = 3, adopted: bool = False
    ) -> None:
        """Let a service run: its stable Deployment, its route, and both tracks where it is adopted."""
        image = f"{service.image}:{version}"
        track = Track.STABLE if adopted else None
        stable = Deployed(service.namespace, service.deployment, image, version, replicas, track)
        self.deployments[service.namespace, service.deployment] = stable
        self._reach(stable)
        name = service.traffic.istio.virtual_service
        weights = ALL_STABLE if adopted else None
        self.routes[service.namespace, name] = Routed(
            service.namespace, name, next(self._versions), weights, adopted, made=adopted
        )

    def autoscale(self, service: Service, floor: int, ceiling: int = 10) -> Scaled:
        """Put an autoscaler on stable; nobody acts on it but a test."""
        made = Scaled(service.namespace, service.deployment, floor, ceiling)
        self.autoscalers[service.namespace, service.deployment] = made
        return made

    # What people, controllers and failures do.

    def scale(self, service: Service, track: Track, replicas: int) -> None:
        """An autoscaler, or a person, gives a Deployment so many pods."""
        deployed = self.deployed(service, track)
        deployed.replicas = replicas
        self._reach(deployed)

    def evict(self, service: Service, track: Track, count: int | None = None) -> None:
        """So many pods (all of them without) are told to go, and no node takes others; until `roll_out`."""
        deployed = self.deployed(service, track)
        deployed.evicted = deployed.replicas if count is None else count
        deployed.ready = deployed.replicas - deployed.evicted
        deployed.settled = False
        self._tell("pod", deployed.namespace, deployed.name)

    def crash(self, service: Service, track: Track, *, times: dict[int, int], at: datetime) -> None:
        """Pods, by number, have crashed so often, the last time then; they run again."""
        deployed = self.deployed(service, track)
        deployed.crashes, deployed.crashed = times, at
        self._tell("pod", deployed.namespace, deployed.name)

    def edit_route(self, service: Service, weights: Split | None, *, writer: str | None = None) -> None:
        """Somebody changes the weights, by hand or with a tool of that name."""
        route = self.route(service)
        route.weights, route.writer = weights, writer
        self.touch(route)

    def delete_route(self, service: Service) -> None:
        """Somebody deletes the route object."""
        route = self.route(service)
        del self.routes[route.namespace, route.name]
        self._tell("route", route.namespace, route.name)

    def delete_deployment(self, service: Service, track: Track) -> None:
        """Somebody deletes a Deployment."""
        deployed = self.deployed(service, track)
        del self.deployments[deployed.namespace, deployed.name]
        self._tell("deployment", deployed.namespace, deployed.name)

    def delete_namespace(self, namespace: str) -> None:
        """Somebody deletes the namespace with all that is in it."""
        self._gone.add(namespace)
        for kind in (self.deployments, self.routes):
            for key in [key for key in kind if key[0] == namespace]:
                del kind[key]

    def break_image(self, image: str, reason: str, message: str) -> None:
        """Let no pod of that image be ready from now on, and say why."""
        self._broken[image] = (reason, message)
        self._reach_all(image)

    def heal_image(self, image: str) -> None:
        """Let the pods of that image be ready again."""
        del self._broken[image]
        self._reach_all(image)

    def roll_out(self) -> None:
        """Let the controllers reach what was asked for; needed while `slow` is set."""
        for deployed in self.deployments.values():
            self._reach(deployed)

    def lose_next_answer(self) -> None:
        """Let the next write take effect, and its answer get lost."""
        self._lost_answers += 1

    def deny_next_write(self, why: str) -> None:
        """Let the next write be denied, as an admission webhook does."""
        self.denials.append(refuse(ReasonCode.NOT_READY, why, "Mend what the message names, then try again."))

    def listen(self, listener: Callable[[Change], None]) -> None:
        """Be told of every change."""
        self._listeners.append(listener)

    # What the fakes build on.

    def deployed(self, service: Service, track: Track) -> Deployed:
        """The Deployment of a track; `TargetGone` without."""
        name = service.deployment if track is Track.STABLE else service.canary
        self.ask(service)
        if (service.namespace, name) not in self.deployments:
            raise TargetGone(f"Deployment {service.namespace}/{name}")
        return self.deployments[service.namespace, name]

    def route(self, service: Service) -> Routed:
        """The route object of a service; `TargetGone` without."""
        name = service.traffic.istio.virtual_service
        if (service.namespace, name) not in self.routes:
            raise TargetGone(f"VirtualService {service.namespace}/{name}")
        return self.routes[service.namespace, name]

    def pods(self, deployed: Deployed) -> tuple[Pod, ...]:
        """The pods of a Deployment: the ready ones first. Those told to go come after those that are to replace them."""
        reason, message = self._broken.get(deployed.image, (None, None))
        staying = tuple(
            Pod(
                name=f"{deployed.name}-{number}",
                ready=number < deployed.ready,
                reason=None if number < deployed.ready else reason,
                message=None if number < deployed.ready else message,
                restarts=deployed.crashes.get(number, 0),
                terminating=False,
                created=None if number >= deployed.replicas - deployed.evicted else LONG_AGO,
                crashed=deployed.crashed if number in deployed.crashes else None,
                release=deployed.owner if deployed.track == Track.CANARY else None,
            )
            for number in range(deployed.replicas)
        )
        return (*staying, *(leaving(deployed, number) for number in range(deployed.evicted)))

    def ask(self, service: Service) -> None:
        """Every verb asks first whether the cluster and the namespace are there."""
        if self.down is not None:
            raise Unavailable("kubernetes", self.down)
        if service.namespace in self._gone:
            raise TargetGone(f"Namespace {service.namespace}")

    def permit(self, service: Service, grant: Grant, written: "Deployed | Routed | Scaled | None") -> None:
        """Every write asks first; a newer stamp than the grant's is a `Conflict`."""
        self.ask(service)
        if self.denials:
            raise self.denials.popleft()
        if written and written.revision > grant.revision:
            raise Conflict(f"{written} belongs to revision {written.revision}, not to {grant.revision}")

    def store(self, verb: str, deployed: Deployed, grant: Grant | None, *, rollout: bool) -> None:
        """Keep a written Deployment with its stamp, or without one; `rollout` tells that its pods change."""
        deployed.owner = grant.release if grant else None
        deployed.revision = grant.revision if grant else 0
        self.deployments[deployed.namespace, deployed.name] = deployed
        if rollout and self.slow:
            deployed.ready, deployed.settled = min(deployed.ready, deployed.replicas), False
        else:
            self._reach(deployed)
        self.wrote(verb, "deployment", deployed)

    def touch(self, route: Routed) -> None:
        """Give a changed route object its next version, and tell of it."""
        route.version = next(self._versions)
        self._tell("route", route.namespace, route.name)

    def wrote(self, verb: str, kind: str, written: Deployed | Routed | Scaled) -> None:
        """Note a write, tell of it, and lose the answer where a test asked for that."""
        self.writes.append(Written(verb, written.name))
        self._tell(kind, written.namespace, written.name)
        if self._lost_answers:
            self._lost_answers -= 1
            raise Unavailable("kubernetes", "the answer to a write was lost")

    def _reach(self, deployed: Deployed) -> None:
        broken = deployed.image in self._broken
        deployed.evicted = 0
        deployed.ready = 0 if broken else deployed.replicas
        deployed.settled = not broken
        self._tell("pod", deployed.namespace, deployed.name)

    def _reach_all(self, image: str) -> None:
        for deployed in self.deployments.values():
            if deployed.image == image:
                self._reach(deployed)

    def _tell(self, kind: str, namespace: str, name: str) -> None:
        for listener in self._listeners:
            listener(Change(kind, namespace, name))
