"""The port `Autoscalers` on HorizontalPodAutoscalers, found by what they scale.

What the floor was stands on the object itself, in the annotation `lockmaster.dev/floor` (`{"was": 2, "held": 5}`): whoever was killed
in between has a successor that can give it back.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass

from adapters.kubernetes import marks
from adapters.kubernetes.attempts import insist
from adapters.kubernetes.door import Door
from adapters.kubernetes.marks import FLOOR, TRACK
from adapters.kubernetes.resources import AUTOSCALER, DEPLOYMENT, Object, Ref
from bot.config.catalogue import Service
from bot.errors import TargetGone
from bot.ports.autoscalers import Autoscaler
from bot.release.grant import Grant

Edit = Callable[[Object], Object | None]
"""From an autoscaler to the patch it should get; None for nothing to do."""


def scaled_by(autoscaler: Object) -> str | None:
    """The Deployment an autoscaler scales: its place in the watch's index. None for other targets."""
    target = autoscaler["spec"]["scaleTargetRef"]
    deployment = target["kind"] == DEPLOYMENT.kind and target.get("apiVersion", "apps/v1").startswith("apps/")
    return str(target["name"]) if deployment else None


async def autoscalers_of(door: Door, service: Service) -> tuple[Object, ...]:
    """Everything that scales stable, by name. Raises `Refused` without leave to look."""
    found = await door.group(AUTOSCALER, service.namespace, service.deployment, "")
    # Asked for without the index, those of others are among them.
    ours = (one for one in found if scaled_by(one) == service.deployment)
    return tuple(sorted(ours, key=lambda one: str(one["metadata"]["name"])))


@dataclass(frozen=True, slots=True)
class _Note:
    was: int
    held: int


class HorizontalAutoscalers:
    """Holds nothing: all of it stands in the cluster."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def read(self, service: Service) -> Autoscaler | None:
        """See the port. Of several, which `examine_workload` refuses, the first by name."""
        found = await autoscalers_of(self._door, service)
        if not found:
            return None
        first = found[0]
        note = _note(first)
        return Autoscaler(
            name=str(_ref(service, first)),
            floor=_floor(first),
            ceiling=first["spec"]["maxReplicas"],
            held=note.held if note else None,
            was=note.was if note else None,
            owner=marks.owner(first),
            revision=marks.revision(first),
            counts_canary=await self._counts_canary(service),
        )

    async def hold(self, grant: Grant, service: Service, floor: int) -> None:
        """See the port."""

        def held(found: Object) -> Object | None:
            note, now = _note(found), _floor(found)
            if note and note.held == floor and marks.owner(found) == grant.release:
                return None
            was = note.was if note and note.held == now else now
            text = json.dumps({"was": was, "held": floor})
            return _patch(found, grant, text, floor)

        await self._edit(grant, service, held)

    async def give_back(self, grant: Grant, service: Service) -> None:
        """See the port."""

        def given_back(found: Object) -> Object | None:
            note, now = _note(found), _floor(found)
            if marks.revision(found) > grant.revision or (note is None and marks.stamped(found, grant)):
                return None
            return _patch(found, grant, None, note.was if note and note.held == now else now)

        await self._edit(grant, service, given_back)

    async def _edit(self, grant: Grant, service: Service, edit: Edit) -> None:
        seen = await autoscalers_of(self._door, service)
        if not seen:
            return
        ref = _ref(service, seen[0])

        async def once(*, fresh: bool) -> None:
            try:
                found = await self._door.read(ref, fresh=fresh)
                patch = edit(found)
                if patch:
                    marks.check(found, grant, ref)
                    await self._door.merge(ref, patch)
            except TargetGone:
                return

        await insist(once)

    async def _counts_canary(self, service: Service) -> bool:
        """An autoscaler counts the pods that the Deployment's selector finds; the canary's differ in their track alone."""
        try:
            stable = await self._door.read(Ref(DEPLOYMENT, service.namespace, service.deployment))
        except TargetGone:
            return False
        selector = stable["spec"]["selector"]
        keys = {
            *selector.get("matchLabels", {}),
            *(one["key"] for one in selector.get("matchExpressions", ())),
        }
        return TRACK not in keys


def _ref(service: Service, found: Object) -> Ref:
    return Ref(AUTOSCALER, service.namespace, found["metadata"]["name"])


def _floor(found: Object) -> int:
    return int(found["spec"].get("minReplicas", 1))


def _note(found: Object) -> _Note | None:
    """What a release noted; None without, or where somebody wrote something else there."""
    try:
        noted = json.loads(marks.annotations(found).get(FLOOR, ""))
        return _Note(int(noted["was"]), int(noted["held"]))
    except (ValueError, TypeError, KeyError):
        return None


def _patch(found: Object, grant: Grant, note: str | None, floor: int) -> Object:
    annotations = {**marks.stamp(grant), FLOOR: note}
    meta = {"resourceVersion": found["metadata"]["resourceVersion"], "annotations": annotations}
    return {"metadata": meta, "spec": {"minReplicas": floor}}
