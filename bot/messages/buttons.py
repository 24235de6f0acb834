"""Which buttons a live message offers. Each is bound to the release, stage and attempt it was shown for."""

from datetime import datetime, timedelta

from bot.messages.model import Button, Buttons, Style
from bot.release.model import Kind, Release
from bot.release.phases import FORWARD, PAUSABLE, Phase
from bot.release.verdict import Verdict

PROMOTE, GO_ON_ANYWAY, WAIT_LONGER = "promote", "go_on_anyway", "wait_longer"
PAUSE, RESUME, ROLL_BACK, DETAILS = "pause", "resume", "roll_back", "details"
APPLY_AGAIN, ADOPT_THEIRS, START_ANYWAY = "apply_again", "adopt_theirs", "start_anyway"

TURNABLE = FORWARD | {Phase.NEEDS_HUMAN}
SLOW = timedelta(seconds=30)


def buttons(release: Release, verdict: Verdict, now: datetime) -> Buttons:
    """The row beneath a card; the details stay for good."""
    row: list[Button] = []
    if release.kind in (Kind.RELEASE, Kind.RESTORE):
        row += _drifted(release) if release.drift is not None else _forward(release, verdict, now)
        if release.phase in TURNABLE:
            row.append(_button(release, "Roll back", ROLL_BACK, Style.DANGER))
    row.append(_button(release, "Details", DETAILS))
    return Buttons(buttons=tuple(row))


def promote_label(release: Release) -> str:
    """`Promote to 25 %`; at the last stage `Finish`."""
    following = release.following
    return "Finish" if following is None else f"Promote to {following.weight}"


def _forward(release: Release, verdict: Verdict, now: datetime) -> list[Button]:
    row: list[Button] = []
    if release.paused is not None:
        return [_button(release, "Resume", RESUME, Style.PRIMARY)]
    if release.phase in (Phase.BAKING, Phase.GATE) and verdict is Verdict.PASS:
        row.append(_button(release, promote_label(release), PROMOTE, Style.PRIMARY))
    elif _stuck(release, verdict, now):
        row.append(_button(release, "Wait longer", WAIT_LONGER))
        row.append(_button(release, "Go on anyway", GO_ON_ANYWAY))
    if release.phase in PAUSABLE:
        row.append(_button(release, "Pause", PAUSE))
    return row


def _stuck(release: Release, verdict: Verdict, now: datetime) -> bool:
    """Nothing can be shown: at a gate, or a while after it should have been."""
    if verdict is Verdict.FAIL or (verdict is Verdict.PASS and release.phase is not Phase.SHIFTING):
        return False
    if release.phase is Phase.GATE:
        return True
    if release.phase is Phase.BAKING:
        return now > release.phase_since + release.current.bake
    return (
        release.phase is Phase.SHIFTING and release.ordered_at is not None and now > release.ordered_at + SLOW
    )


def _drifted(release: Release) -> list[Button]:
    return [
        _button(release, "Apply again", APPLY_AGAIN, Style.PRIMARY),
        _button(release, "Adopt theirs", ADOPT_THEIRS),
    ]


def _button(release: Release, label: str, action: str, style: Style = Style.PLAIN) -> Button:
    return Button(label=label, action=action, value=release.token, style=style)
