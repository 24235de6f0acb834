"""The port `Workloads` on Deployments.

Each write reads the Deployment, checks its stamp, and carries its `resourceVersion`. That changes with every status update, so
after a 409 the object is read and checked again, a few times, before the caller is told.
"""

from collections.abc import Callable, Mapping

from adapters.kubernetes import marks
from adapters.kubernetes.attempts import insist
from adapters.kubernetes.door import Door
from adapters.kubernetes.marks import RELEASE, REVISION, TRACK
from adapters.kubernetes.resources import DEPLOYMENT, NAMESPACE, POD, Object, Ref
from adapters.workloads.canary import canary_of, difference
from adapters.workloads.containers import VERSION, container_of, labels_of, with_image
from adapters.workloads.pods import deployment_of, not_created, pod_of
from bot.config.catalogue import Service
from bot.errors import Conflict, ReasonCode, Refused, TargetGone, refuse
from bot.ports.workloads import Pod, Track, Workload
from bot.release.grant import Grant

Edit = Callable[[Object], Object]
"""From a Deployment's spec to the spec it should have; returning the same changes nothing but the stamp."""


class Deployments:
    """Holds nothing: all of it stands in the cluster."""

    def __init__(self, door: Door) -> None:
        self._door = door

    async def read(self, service: Service, track: Track, *, fresh: bool = False) -> Workload | None:
        """See the port."""
        try:
            found = await self._door.read(_ref(service, track), fresh=fresh)
        except TargetGone:
            if track is Track.STABLE or await self.read(service, Track.STABLE) is None:
                await self._check_namespace(service)
            return None
        return await self._workload(service, found)

    async def ensure_canary(
        self, grant: Grant, service: Service, *, image: str, version: str, replicas: int
    ) -> None:
        """See the port. Refuses to touch a Deployment of that name which no release made."""
        stable = await self._door.read(_ref(service, Track.STABLE))
        wanted = canary_of(service, stable, grant, image=image, version=version, replicas=replicas)
        ref = _ref(service, Track.CANARY)

        async def ensure(*, fresh: bool) -> None:
            try:
                found = await self._door.read(ref, fresh=fresh)
            except TargetGone:
                await self._door.create(ref, wanted)
                return
            await self._replace(grant, ref, found, wanted)

        await insist(ensure)

    async def scale_canary(self, grant: Grant, service: Service, replicas: int) -> None:
        """See the port."""
        await self._edit(grant, _ref(service, Track.CANARY), lambda spec: {**spec, "replicas": replicas})

    async def set_stable_image(self, grant: Grant, service: Service, *, image: str, version: str) -> None:
        """See the port. A `version` label that stable's selector names stays: the API lets no selector change."""

        def release(spec: Object) -> Object:
            template = spec["template"]
            fixed = spec["selector"].get("matchLabels", {}).get(VERSION)
            return {**spec, "template": with_image(service, template, image, fixed or version, track=None)}

        await self._edit(grant, _ref(service, Track.STABLE), release)

    async def remove_canary(self, grant: Grant, service: Service) -> None:
        """See the port. Leaves a Deployment of that name alone which no release made."""
        ref = _ref(service, Track.CANARY)

        async def remove(*, fresh: bool) -> None:
            try:
                found = await self._door.read(ref, fresh=fresh)
                if marks.owner(found) is not None and marks.revision(found) <= grant.revision:
                    await self._door.delete(found, ref)
            except TargetGone:
                return

        await insist(remove)

    async def mark_stable(self, grant: Grant, service: Service) -> None:
        """See the port."""
        await self._edit(
            grant, _ref(service, Track.STABLE), lambda spec: _with_track(spec, Track.STABLE.value)
        )

    async def unmark_stable(self, grant: Grant, service: Service) -> None:
        """See the port. The stamp goes too: nothing of ours stays."""
        unstamped = {RELEASE: None, REVISION: None}
        await self._edit(
            grant, _ref(service, Track.STABLE), lambda spec: _with_track(spec, None), stamp=unstamped
        )

    async def _edit(
        self, grant: Grant, ref: Ref, edit: Edit, *, stamp: Mapping[str, str | None] | None = None
    ) -> None:
        """Patch what the edit changes, and the stamp with it; write nothing where both stand already."""

        async def once(*, fresh: bool) -> None:
            found = await self._door.read(ref, fresh=fresh)
            marks.check(found, grant, ref)
            patch = difference(found["spec"], edit(found["spec"]))
            wanted = stamp or marks.stamp(grant)
            if patch or any(marks.annotations(found).get(key) != value for key, value in wanted.items()):
                await self._door.merge(ref, _fenced(found, wanted, patch))

        await insist(once)

    async def _replace(self, grant: Grant, ref: Ref, found: Object, wanted: Object) -> None:
        """Give a canary that is left over the wanted spec; one that cannot have it is removed, to be created again."""
        if marks.owner(found) is None:
            raise refuse(
                ReasonCode.NOT_READY,
                f"{ref} exists, and Lockmaster did not make it",
                f"Remove or rename it: Lockmaster needs the name {ref.name} for the canary.",
            )
        marks.check(found, grant, ref)
        if found["spec"]["selector"] != wanted["spec"]["selector"]:
            await self._door.delete(found, ref)
            raise Conflict(f"{ref} had another selector, which cannot be changed: it is made again")
        patch = difference(found["spec"], {**found["spec"], **wanted["spec"]})
        if patch or not marks.stamped(found, grant):
            await self._door.merge(ref, _fenced(found, wanted["metadata"]["annotations"], patch))

    async def _workload(self, service: Service, found: Object) -> Workload:
        spec, status, meta = found["spec"], found.get("status") or {}, found["metadata"]
        labels = labels_of(spec["template"])
        pods = await self._pods(found)
        replicas = spec.get("replicas", 1)
        counts = {status.get(key, 0) for key in ("replicas", "updatedReplicas", "readyReplicas")}
        return Workload(
            name=meta["name"],
            image=container_of(service, spec["template"])["image"],
            version=labels.get(VERSION),
            track=labels.get(TRACK),
            replicas=replicas,
            ready=status.get("readyReplicas", 0),
            settled=status.get("observedGeneration", 0) >= meta.get("generation", 0) and counts == {replicas},
            owner=marks.owner(found),
            revision=marks.revision(found),
            pods=pods,
        )

    async def _pods(self, deployment: Object) -> tuple[Pod, ...]:
        meta, labels = deployment["metadata"], deployment["spec"]["selector"].get("matchLabels", {})
        selector = ",".join(f"{key}={value}" for key, value in labels.items())
        found = await self._door.group(POD, meta["namespace"], meta["name"], selector)
        # Asked for by selector, pods of the other track may be among them.
        pods = [pod_of(pod) for pod in found if deployment_of(pod) == meta["name"]]
        missing = not_created(deployment)
        return (*pods, missing) if missing else tuple(pods)

    async def _check_namespace(self, service: Service) -> None:
        """Raise `TargetGone` for a namespace that is gone or being deleted; without leave to look, take it to be there."""
        ref = Ref(NAMESPACE, "", service.namespace)
        try:
            found = await self._door.read(ref)
        except Refused:
            return
        if "deletionTimestamp" in found["metadata"]:
            raise TargetGone(str(ref))


def _ref(service: Service, track: Track) -> Ref:
    name = service.deployment if track is Track.STABLE else service.canary
    return Ref(DEPLOYMENT, service.namespace, name)


def _with_track(spec: Object, track: str | None) -> Object:
    template = spec["template"]
    labels = labels_of(template)
    labels.pop(TRACK, None)
    if track:
        labels[TRACK] = track
    meta = {**template.get("metadata", {}), "labels": labels}
    return {**spec, "template": {**template, "metadata": meta}}


def _fenced(found: Object, annotations: Mapping[str, str | None], spec: Object) -> Object:
    meta = {"resourceVersion": found["metadata"]["resourceVersion"], "annotations": dict(annotations)}
    return {"metadata": meta, "spec": spec} if spec else {"metadata": meta}
