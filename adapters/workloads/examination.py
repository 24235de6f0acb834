"""What keeps a service's Deployment and Service from being released, whichever router sends them traffic."""

from adapters.kubernetes import marks
from adapters.kubernetes.door import Door
from adapters.kubernetes.examination import look, permissions
from adapters.kubernetes.marks import TRACK
from adapters.kubernetes.resources import AUTOSCALER, DEPLOYMENT, SERVICE, Object, Ref
from adapters.workloads.autoscalers import autoscalers_of
from adapters.workloads.containers import VERSION, container_of, labels_of
from bot.config.catalogue import Service
from bot.errors import Reason, ReasonCode, Refused, TargetGone

WRITES = ("create", "patch", "delete")
"""What is done to a canary."""


async def examine_workload(door: Door, service: Service, *, fresh: bool) -> tuple[Reason, ...]:
    """Everything missing at once, each with how to mend it."""
    stable = Ref(DEPLOYMENT, service.namespace, service.deployment)
    found = await look(door, stable, f"Deploy {service.name} once, then release it.", fresh=fresh)
    of_service = await look(
        door,
        Ref(SERVICE, service.namespace, service.service),
        f"Create it, or name another in `service:` of {service.name} in the catalogue.",
        fresh=fresh,
    )
    canary = Ref(DEPLOYMENT, service.namespace, service.canary)
    leftover = await _leftover(door, canary, fresh=fresh)
    may = await permissions(door, (("patch", stable), *((verb, canary) for verb in WRITES)))
    scaling = await _of_autoscalers(door, service)
    missing = [one for one in (found, of_service) if isinstance(one, Reason)]
    if not isinstance(found, Reason):
        missing += _of_deployment(service, found, stable)
        if not isinstance(of_service, Reason):
            missing += _of_service(service, of_service, found)
    return (*missing, *leftover, *scaling, *may)


async def _leftover(door: Door, ref: Ref, *, fresh: bool) -> tuple[Reason, ...]:
    try:
        found = await door.read(ref, fresh=fresh)
    except (TargetGone, Refused):
        return ()
    if marks.owner(found) is not None:
        return ()
    text = f"{ref} exists, and Lockmaster did not make it"
    step = f"Remove or rename it: Lockmaster needs the name {ref.name} for the canary."
    return (Reason(ReasonCode.NOT_READY, text, step),)


async def _of_autoscalers(door: Door, service: Service) -> tuple[Reason, ...]:
    """Without leave to hold the floor nothing is released: a rollback could land on a stable that was scaled away."""
    try:
        found = await autoscalers_of(door, service)
    except Refused as refused:
        return (refused.reason,)
    refs = [Ref(AUTOSCALER, service.namespace, one["metadata"]["name"]) for one in found]
    if len(refs) > 1:
        names = " and ".join(str(ref) for ref in refs)
        text = f"{names} scale the same Deployment {service.namespace}/{service.deployment}"
        return (Reason(ReasonCode.NOT_READY, text, "Remove all but one."),)
    return await permissions(door, tuple((verb, ref) for ref in refs for verb in ("get", "patch")))


def _of_deployment(service: Service, found: Object, ref: Ref) -> list[Reason]:
    reasons = []
    try:
        container_of(service, found["spec"]["template"])
    except Refused as refused:
        reasons.append(refused.reason)
    if found["spec"].get("paused"):
        text = f"{ref} is paused, so nothing in it would roll out"
        step = f"kubectl rollout resume deployment/{ref.name} -n {ref.namespace}"
        reasons.append(Reason(ReasonCode.NOT_READY, text, step))
    if not (found.get("status") or {}).get("readyReplicas"):
        text = f"{ref} has no ready pod: there is nothing to compare with, and nothing to go back to"
        step = f"kubectl describe deployment/{ref.name} -n {ref.namespace}"
        reasons.append(Reason(ReasonCode.NOT_READY, text, step))
    return reasons


def _of_service(service: Service, found: Object, deployment: Object) -> list[Reason]:
    name = f"Service {service.namespace}/{service.service}"
    selector: dict[str, str] = found["spec"].get("selector") or {}
    labels = labels_of(deployment["spec"]["template"])
    if not selector:
        text = f"{name} selects no pods"
        return [Reason(ReasonCode.NOT_READY, text, f"Let it select the pods of {service.deployment}.")]
    other = {key: value for key, value in selector.items() if labels.get(key) != value}
    if other:
        text = f"{name} does not select the pods of Deployment {service.namespace}/{service.deployment}"
        step = f"Let them have {_words(other)}, or take it out of the Service's selector."
        return [Reason(ReasonCode.NOT_READY, text, step)]
    if tied := {key: value for key, value in selector.items() if key in {VERSION, TRACK}}:
        text = f"{name} selects {_words(tied)}, so it would never select a canary"
        return [Reason(ReasonCode.NOT_READY, text, "Take that out of the Service's selector.")]
    return []


def _words(labels: dict[str, str]) -> str:
    return ", ".join(f"{key}={value}" for key, value in sorted(labels.items()))
