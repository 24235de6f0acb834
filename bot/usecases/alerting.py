"""Alerts: one that speaks of a live release's new version rolls it back, once; anything else changes nothing."""

from collections import Counter

import structlog

from bot.config.catalogue import Service
from bot.errors import Unavailable
from bot.messages.card import headline
from bot.ports.desks import Alert, AlertReply
from bot.release.instructions import Ask, Instruction
from bot.release.model import Actor, ActorKind, Trigger
from bot.release.phases import Phase
from bot.release.stored import Newer
from bot.release.version import label_of
from bot.usecases.office import Asker, Office
from bot.usecases.rolling_back import urge

log = structlog.get_logger()

TRIES = 3
REMEMBERED = 1000
AGAIN = "this broke: send it again"
ASIDE = "it broke too often and was put aside; the log and the audit log have it"
WORKLOADS = ("workload", "deployment", "destination_workload", "track")


class AlertDesk:
    """Takes notices of alerts; each alert gets its reason."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._broken: Counter[str] = Counter()

    async def fired(self, alerts: tuple[Alert, ...]) -> AlertReply:
        """Answer one reason an alert, in their order; one that meets a bug holds up no other."""
        reasons = tuple([await self._guarded(alert) for alert in alerts])
        return AlertReply(503 if AGAIN in reasons else 200, reasons)

    async def _guarded(self, alert: Alert) -> str:
        """503 brings the notice again: a few times, and then the alert is put aside, kept in the audit log and in ours."""
        name = _id_of(alert)
        if self._broken[name] >= TRIES:
            return ASIDE
        try:
            return await self._one(alert)
        except Unavailable:
            raise
        except Exception as bug:
            log.exception("an alert broke", alert=name, labels=dict(alert.labels))
            self._broken[name] += 1
            if self._broken[name] < TRIES:
                return AGAIN
            await self._put_aside(alert, name, bug)
            return ASIDE

    async def _put_aside(self, alert: Alert, name: str, bug: Exception) -> None:
        while len(self._broken) > REMEMBERED:
            del self._broken[next(iter(self._broken))]
        labels = ", ".join(f"{key}={value}" for key, value in sorted(alert.labels.items()))
        asker = Asker(_sender(alert), "", name)
        text = f"it broke {TRIES} times ({type(bug).__name__}): {labels}"
        await self._office.audit(asker, "alert", "put_aside", text[:1000], about=(None, None))

    async def _one(self, alert: Alert) -> str:
        if alert.status != "firing":
            return f"not firing ({alert.status}): nothing done"
        service = self._service(alert)
        if service is None:
            return "its labels name no service of the catalogue: nothing done"
        try:
            return await self._for(service, alert)
        except Newer as newer:
            return await self._on_unread(alert, service, newer)

    async def _for(self, service: Service, alert: Alert) -> str:
        release = await self._office.find_live(service)
        if release is None:
            return f"no release of {service.name} is live: nothing done"
        if alert.starts_at < release.started_at:
            return f"it is older than {release.id}: nothing done"
        ask = _meant(alert, service, release.target)
        if ask is None:
            return f"it speaks of another version than {release.target}: nothing done"
        if release.phase is Phase.ROLLING_BACK:
            return f"{release.id} is being rolled back already"
        if ask is Ask.PAUSE and not release.phase.forward:
            return f"{release.id} waits for people already: nothing done"
        wish = self._wish(alert, ask)
        if not await urge(self._office, release.id, wish):
            return f"{release.id} was told already"
        about = (service.name, release.id)
        asker = Asker(wish.by, service.channel, wish.id)
        await self._office.audit(asker, f"alert: {ask}", "done", wish.because or "", about=about)
        return f"{headline(release)}: {'rolled back' if ask is Ask.ROLL_BACK else 'paused'}"

    async def _on_unread(self, alert: Alert, service: Service, newer: Newer) -> str:
        """One that a newer Lockmaster wrote: its traffic can go to stable, and nothing else can be done."""
        if _meant(alert, service, str(newer.fields.get("to"))) is not Ask.ROLL_BACK:
            return f"{newer.reason.text} Nothing done"
        await urge(self._office, newer.release, self._wish(alert, Ask.ROLL_BACK))
        return f"{newer.release}: traffic sent to stable"

    def _service(self, alert: Alert) -> Service | None:
        for service in self._office.catalogue.services.values():
            labels = service.alert_labels
            if alert.labels.get(labels.service) != service.name:
                continue
            if alert.labels.get(labels.namespace, service.namespace) == service.namespace:
                return service
        return None

    def _wish(self, alert: Alert, ask: Ask) -> Instruction:
        name = alert.labels.get("alertname", "an alert")
        said = alert.annotations.get("summary") or alert.annotations.get("description")
        because = f"{name}: {said}" if said else name
        return Instruction(
            id=_id_of(alert),
            ask=ask,
            by=_sender(alert),
            at=self._office.clock.now(),
            trigger=Trigger.ALERT,
            because=because[:300],
        )


def _id_of(alert: Alert) -> str:
    return f"alert:{alert.fingerprint}:{alert.starts_at.timestamp():.0f}"


def _sender(alert: Alert) -> Actor:
    name = alert.labels.get("alertname", "an alert")
    return Actor(kind=ActorKind.ALERT, id=alert.fingerprint[:80], name=f"alert {name[:80]}")


def _meant(alert: Alert, service: Service, target: str) -> Ask | None:
    """Roll back when it names the new version or the canary; pause when it names the service alone; else nothing."""
    version = alert.labels.get(service.alert_labels.version)
    if version is not None:
        return Ask.ROLL_BACK if version in (target, label_of(target)) else None
    workloads = {alert.labels[label] for label in WORKLOADS if label in alert.labels}
    if workloads:
        return Ask.ROLL_BACK if workloads & {service.canary, "canary"} else None
    return Ask.PAUSE
