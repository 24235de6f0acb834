"""Sample values for tests of stores and queues: valid, small, and told apart by what the test gives."""

from datetime import UTC, datetime, timedelta

from bot.audit import AuditRecord
from bot.messages.model import Message, paragraph
from bot.ports.locks import Lock, Waiter
from bot.ports.outbox import Parcel, Urgency
from bot.release.gate import Gate
from bot.release.instructions import Ask, Instruction
from bot.release.model import Actor, ActorKind, Event, EventKind, Release, Stage
from bot.release.rules import Rules
from bot.release.weight import Weight

MORNING = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


def person(name: str = "ana") -> Actor:
    return Actor(kind=ActorKind.PERSON, id=f"U{name.upper()}", name=name)


def release(id_: str = "R-1001", **changes: object) -> Release:
    first = Release(
        id=id_,
        service="checkout",
        source="v1.2.9",
        target="v1.3.0",
        image="registry.example/shop/checkout:v1.3.0",
        previous_image="registry.example/shop/checkout:v1.2.9",
        stages=(Stage(weight=Weight.FULL, bake=timedelta(minutes=1), gate=Gate.ASK),),
        rules=Rules(),
        phase_since=MORNING,
        started_at=MORNING,
        by=person(),
        channel="C1",
        stable_replicas=2,
    )
    return first.model_copy(update=changes)


def event(
    kind: EventKind = EventKind.STARTED, revision: int = 0, text: str = "started", by: str = "ana"
) -> Event:
    return Event(kind=kind, at=MORNING, by=person(by), revision=revision, text=text)


def waiter(name: str = "bo") -> Waiter:
    return Waiter(by=person(name), since=MORNING, command="checkout v1.4.0", channel="C1")


def hold(name: str = "cy", service: str = "checkout", reason: str = "incident") -> Lock:
    return Lock(service=service, by=person(name), since=MORNING, reason=reason)


def instruction(id_: str, ask: Ask = Ask.PROMOTE) -> Instruction:
    return Instruction(id=id_, ask=ask, by=person(), at=MORNING)


def audit(text: str) -> AuditRecord:
    return AuditRecord(
        at=MORNING,
        by=person(),
        act="promote",
        service="checkout",
        release="R-1001",
        outcome="done",
        text=text,
        origin="slack",
    )


def parcel(key: str, text: str = "hello", urgency: Urgency = Urgency.NOTICE, **changes: object) -> Parcel:
    message = Message(summary=text, blocks=(paragraph(text),))
    return Parcel(key=key, channel="C1", message=message, urgency=urgency).model_copy(update=changes)
