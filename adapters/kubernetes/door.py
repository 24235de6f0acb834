"""Objects read from the watches where those are young enough, else asked for; writes that the watches need not tell of.

After a write that failed, the object is asked for at the next read: a watch may be a moment behind.
"""

import asyncio
from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final, Self

from adapters.kubernetes.api import Api, Call
from adapters.kubernetes.cache import Keep
from adapters.kubernetes.credentials import Credentials
from adapters.kubernetes.informer import LONGEST_SILENCE, Informer, Listener
from adapters.kubernetes.permissions import Permissions
from adapters.kubernetes.resources import SELF_REVIEW, Object, Ref, Resource
from adapters.kubernetes.urgency import Bucket, Urgency
from bot.errors import Refused, TargetGone, Unavailable
from bot.ports.clock import Clock
from bot.ports.haste import is_in_haste

RATE: Final = 50.0
BURST: Final = 100
FIRST_LIST_SECONDS: Final = 1.0


class Door:
    """The cluster as its adapters see it. Use `Door.open`."""

    def __init__(self, api: Api, clock: Clock, credentials: Credentials) -> None:
        self._api = api
        self._clock = clock
        self._credentials = credentials
        self._permissions = Permissions(api, clock)
        self._informers: dict[tuple[Resource, str], Informer] = {}
        self._doubtful: set[Ref] = set()

    @classmethod
    @asynccontextmanager
    async def open(cls, kubeconfig: Path | None, clock: Clock) -> AsyncIterator[Self]:
        """Connect by a kubeconfig, or as the pod's service account without. Raises `Unavailable` without credentials."""
        credentials = Credentials(kubeconfig)
        async with Api(credentials, clock, Bucket(clock, RATE, BURST)) as api:
            yield cls(api, clock, credentials)

    @asynccontextmanager
    async def watching(
        self, kinds: Mapping[Resource, Keep], namespaces: Collection[str], listener: Listener
    ) -> AsyncIterator[None]:
        """Watch those kinds in those namespaces. Waits a moment for the first lists, but not for an unreachable server."""
        for namespace in namespaces:
            for resource, keep in kinds.items():
                informer = Informer(self._api, self._clock, resource, namespace, listener, keep)
                self._informers[resource, namespace] = informer
        watches = [asyncio.create_task(informer.run()) for informer in self._informers.values()]
        for watch in watches:
            watch.add_done_callback(_be_loud)
        listed = [asyncio.create_task(informer.listed.wait()) for informer in self._informers.values()]
        try:
            if listed:
                await asyncio.wait(listed, timeout=FIRST_LIST_SECONDS)
            yield
        finally:
            for task in (*listed, *watches):
                task.cancel()
            await asyncio.gather(*listed, *watches, return_exceptions=True)

    def age(self) -> float:
        """Seconds since the stalest watch was in contact; 0 without watches."""
        return max((informer.age() for informer in self._informers.values()), default=0.0)

    def rounds(self) -> dict[str, int]:
        """How often each watch was begun, by kind and namespace."""
        return {
            f"watch of {resource.kind} in {namespace}": informer.rounds
            for (resource, namespace), informer in self._informers.items()
        }

    async def read(self, ref: Ref, *, fresh: bool = False) -> Object:
        """The object, which must not be changed. `fresh` asks the server. Raises `TargetGone`."""
        informer = self._young(ref.resource, ref.namespace)
        if not fresh and informer and ref not in self._doubtful:
            found = informer.objects.get(ref.name)
            if found is None:
                raise TargetGone(str(ref))
            return found
        try:
            found = await self._api.request(Call("get", ref, _reading()))
        except Refused:
            # A namespace takes the Role in it along when it is deleted: what the watch told until then has to do.
            if informer and informer.objects.get(ref.name) is None:
                raise TargetGone(str(ref)) from None
            raise
        self._learn(ref, found)
        return found

    async def group(
        self, resource: Resource, namespace: str, group: str, selector: str
    ) -> tuple[Object, ...]:
        """The objects of a group of the watch's index; asked for by label selector where the watch is too old."""
        informer = self._young(resource, namespace)
        if informer:
            return informer.objects.group(group)
        return await self._select(resource, namespace, selector)

    async def labelled(self, resource: Resource, namespace: str, key: str, value: str) -> tuple[Object, ...]:
        """Every object with that label."""
        informer = self._young(resource, namespace)
        if informer is None:
            return await self._select(resource, namespace, f"{key}={value}")
        return tuple(
            found for found in informer.objects.all() if found["metadata"].get("labels", {}).get(key) == value
        )

    async def create(self, ref: Ref, body: Object) -> Object:
        """Create it. Raises `Conflict` where it exists."""
        at = Ref(ref.resource, ref.namespace, "")
        return await self._write(ref, Call("create", at, Urgency.WRITE, body=body))

    async def merge(self, ref: Ref, patch: Object, urgency: Urgency = Urgency.WRITE) -> Object:
        """Merge a patch into it (RFC 7386). With a `resourceVersion` inside, `Conflict` when the object has another."""
        return await self._write(ref, Call("patch", ref, urgency, body=patch))

    async def delete(self, found: Object, ref: Ref) -> None:
        """Delete exactly the object that was seen, its pods behind it. Raises `Conflict` when it is another by now."""
        meta = found["metadata"]
        conditions = {"uid": meta["uid"], "resourceVersion": meta["resourceVersion"]}
        body = {"preconditions": conditions, "propagationPolicy": "Background"}
        try:
            await self._api.request(Call("delete", ref, Urgency.WRITE, body=body))
        except BaseException:  # cancelled, too, it may have been done
            self._doubtful.add(ref)
            raise
        if informer := self._informers.get((ref.resource, ref.namespace)):
            informer.remove(found)

    async def allowed(self, verb: str, ref: Ref) -> bool:
        """Whether we have that permission; True where the server cannot tell."""
        return await self._permissions.has(verb, ref)

    async def identity(self) -> str | None:
        """Who the server says we are; else the kubeconfig's user; None where nobody knows."""
        body = {"apiVersion": SELF_REVIEW.api_version, "kind": SELF_REVIEW.kind, "spec": {}}
        try:
            answer = await self._api.request(
                Call("create", Ref(SELF_REVIEW, "", ""), Urgency.READ, body=body)
            )
        except (Refused, TargetGone, Unavailable):
            return self._credentials.user()
        return str(answer["status"]["userInfo"]["username"])

    async def _select(self, resource: Resource, namespace: str, selector: str) -> tuple[Object, ...]:
        call = Call("list", Ref(resource, namespace, ""), _reading(), (("labelSelector", selector),))
        return tuple((await self._api.request(call))["items"])

    async def _write(self, ref: Ref, call: Call) -> Object:
        try:
            written = await self._api.request(call)
        except BaseException:  # cancelled, too, it may have been done
            self._doubtful.add(ref)
            raise
        self._learn(ref, written)
        return written

    def _learn(self, ref: Ref, found: Object) -> None:
        self._doubtful.discard(ref)
        if informer := self._informers.get((ref.resource, ref.namespace)):
            informer.put(found)

    def _young(self, resource: Resource, namespace: str) -> Informer | None:
        informer = self._informers.get((resource, namespace))
        return informer if informer and informer.age() <= LONGEST_SILENCE else None


def _reading() -> Urgency:
    """A rollback that has to ask goes first with its questions too."""
    return Urgency.ROLLBACK if is_in_haste() else Urgency.READ


def _be_loud(watch: asyncio.Task[None]) -> None:
    """A watch ends by a bug alone; readers then ask the server themselves, and somebody must hear of it."""
    if not watch.cancelled() and (bug := watch.exception()):
        context = {"message": "a watch of the cluster broke", "exception": bug, "task": watch}
        watch.get_loop().call_exception_handler(context)
