"""The chat's side of the desk: who spoke, and what each button means."""

from contextlib import suppress

from bot.commands.errors import BadCommand
from bot.commands.model import Start
from bot.commands.parser import parse
from bot.errors import ReasonCode, Refused, TargetGone, Unavailable, refuse
from bot.messages import buttons, refusals
from bot.messages.card import PHASES, headline
from bot.messages.dialogs import reason_wanted
from bot.messages.model import Message, Modal
from bot.policy.roles import Act
from bot.ports.desks import Origin
from bot.release.instructions import Ask
from bot.release.model import Actor, ActorKind, Release
from bot.release.stored import Newer
from bot.usecases import looking, moving, rolling_back, starting
from bot.usecases.desk import Desk, gone
from bot.usecases.office import Asker, Office

BOUND = frozenset({buttons.PROMOTE, buttons.GO_ON_ANYWAY, buttons.WAIT_LONGER})
DRIFT = {buttons.APPLY_AGAIN: Ask.APPLY_AGAIN, buttons.ADOPT_THEIRS: Ask.ADOPT_THEIRS}


class Front:
    """Implements `CommandDesk` and `ButtonDesk`."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._desk = Desk(office)

    async def typed(self, origin: Origin, text: str) -> Message:
        """Act on a command."""
        answer, _ = await self._desk.typed(asker_of(origin), text)
        return answer

    async def pressed(self, origin: Origin, action: str, value: str) -> Message | Modal | None:
        """Act on a press. Shown on the live message, an act that went well says nothing more."""
        asker = asker_of(origin)
        try:
            await asker.only_once()
            return await self._press(asker, action, value)
        except (Refused, TargetGone, Unavailable) as error:
            return await self._refused(asker, f"press {action}", value, error)

    async def submitted(self, origin: Origin, action: str, private: str, text: str) -> Message | None:
        """Act on a dialog: the reason to go on without data."""
        asker = asker_of(origin)
        try:
            await asker.only_once()
            if action != buttons.GO_ON_ANYWAY:
                raise refuse(ReasonCode.STALE_BUTTON, "This dialog is not known any more.")
            if not text.strip():
                raise refuse(ReasonCode.BAD_COMMAND, "A reason is needed to go on without data.")
            release = self._still_meant(await self._release(private), action, private)
            await moving.go_on_anyway(self._office, asker, release, text.strip()[:200])
        except (Refused, Unavailable) as error:
            return await self._refused(asker, f"submit {action}", private, error)
        return None

    async def _refused(
        self, asker: Asker, act: str, value: str, error: Refused | TargetGone | Unavailable
    ) -> Message:
        """The author's answer; a refusal is kept in the audit log."""
        if isinstance(error, Unavailable):
            return refusals.unavailable(error)
        reason = error.reason if isinstance(error, Refused) else gone(error)
        about = (None, value.split(":", 1)[0][:80])
        await self._office.audit(asker, act, reason.code, reason.text, about=about)
        return refusals.refused(reason)

    async def _press(self, asker: Asker, action: str, value: str) -> Message | Modal | None:
        if action == buttons.START_ANYWAY:
            return await self._start_anyway(asker, value)
        if action == buttons.DETAILS:
            return await looking.show_release(self._office, value.split(":", 1)[0])
        try:
            release = self._still_meant(await self._release(value), action, value)
        except Newer as newer:
            if action != buttons.ROLL_BACK:
                raise
            return await rolling_back.roll_back_unread(self._office, asker, newer)
        return await self._on_release(asker, release, action)

    async def _on_release(self, asker: Asker, release: Release, action: str) -> Message | Modal | None:
        office = self._office
        if action == buttons.ROLL_BACK:
            await rolling_back.roll_back_release(office, asker, release)
        elif action == buttons.PROMOTE:
            await moving.promote_release(office, asker, release)
        elif action == buttons.PAUSE:
            await moving.pause_release(office, asker, release)
        elif action == buttons.RESUME:
            await moving.resume_release(office, asker, release)
        elif action == buttons.WAIT_LONGER:
            await moving.wait_longer(office, asker, release)
        elif action == buttons.GO_ON_ANYWAY:
            await office.allow(Act.PROMOTE, office.service_of(release), asker, requester=release.by)
            return reason_wanted(release)
        elif action in DRIFT:
            await moving.settle_drift(office, asker, release, DRIFT[action])
        else:
            raise refuse(ReasonCode.STALE_BUTTON, "This button is not known any more.")
        return None

    async def _start_anyway(self, asker: Asker, value: str) -> Message:
        try:
            command = parse(value)
        except BadCommand as error:
            return refusals.bad_command(error, self._office.command)
        if not isinstance(command, Start):
            raise refuse(ReasonCode.STALE_BUTTON, "This button is not known any more.")
        return await starting.start(self._office, asker, command, confirmed=True)

    async def _release(self, value: str) -> Release:
        """The release a button speaks of, from the route object first: the store may be away, or the cluster."""
        release_id = value.split(":", 1)[0]
        release = None
        with suppress(Unavailable):
            release = await self._office.live.by_id(release_id)
        if release is None:
            release = await self._office.releases.load(release_id)
        if release is None:
            raise refuse(ReasonCode.UNKNOWN_RELEASE, f"There is no release {release_id[:20]}.")
        return release

    def _still_meant(self, release: Release, action: str, value: str) -> Release:
        """A press is for what its presser saw: an ended release or an older stage is told, not touched."""
        now = f"{headline(release)}: {PHASES[release.phase]}"
        if not release.live:
            raise refuse(ReasonCode.STALE_BUTTON, f"{now}. It has ended; nothing was done.")
        if action in BOUND and value != release.token:
            stage = f" at {release.weights.canary}" if release.phase.forward else ""
            raise refuse(
                ReasonCode.STALE_BUTTON,
                f"{now}{stage}. That was meant for an earlier moment; nothing was done.",
            )
        return release


def asker_of(origin: Origin) -> Asker:
    """The person behind a command or a press: known by id, never by name."""
    name = origin.user_name or origin.user_id
    actor = Actor(kind=ActorKind.PERSON, id=origin.user_id, name=name)
    return Asker(actor, origin.channel_id, origin.request.id, origin.request.first_time)
