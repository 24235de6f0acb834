"""The shape of Alertmanager's webhook, version 4.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from bot.ports.desks import Alert

MOST_LABELS = 64
LONGEST = 1_024
Name = Annotated[str, StringConstraints(max_length=LONGEST)]


class _Alert(BaseModel):
    """What we read of an alert; fields of later versions may be there too."""

    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    status: str = Field(pattern="^(firing|resolved)$")
    labels: dict[str, str]
    annotations: dict[str, str] = {}
    starts_at: Annotated[AwareDatetime, Field(alias="startsAt", strict=False)]
    fingerprint: Name = ""

    def value(self) -> Alert:
        """The same as the desk takes it."""
        return Alert(self.status, self.labels, self.annotations, self.starts_at, self.fingerprint)


class _Notice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", strict=True)

    version: str
    alerts: list[_Alert]


def alerts(body: bytes) -> tuple[Alert, ...]:
    """Read the alerts of a notice, in their order. Raises `ValueError` when it has not the shape of one."""
    try:
        return tuple(alert.value() for alert in _Notice.model_validate_json(body).alerts)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = ".".join(map(str, first["loc"]))
        raise ValueError(f"{where}: {first['msg']}" if where else first["msg"]) from None


def too_much(alert: Alert) -> str | None:
    """Say why an alert is not even looked at, or None."""
    for said in (alert.labels, alert.annotations):
        if len(said) > MOST_LABELS:
            return f"ignored: more than {MOST_LABELS} labels or annotations"
    if any(len(text) > LONGEST for pair in alert.labels.items() for text in pair):
        return f"ignored: a label is longer than {LONGEST} characters"
    return None
