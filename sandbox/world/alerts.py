"""A firing alert in the shape of Alertmanager's webhook, version 4.

Source: https://prometheus.io/docs/alerting/latest/configuration/#webhook_config
"""

import hashlib
from datetime import UTC, datetime
from typing import Any

_URL = "http://alertmanager.example"


def notice(service: str, namespace: str, version: str, starts_at: datetime) -> dict[str, Any]:
    """One group with one alert about a version of a service."""
    labels = {
        "alertname": "ErrorRateHigh",
        "namespace": namespace,
        "service": service,
        "severity": "page",
        "version": version,
    }
    annotations = {"summary": f"{service} {version} answers too many requests with errors"}
    alert = {
        "status": "firing",
        "labels": labels,
        "annotations": annotations,
        "startsAt": starts_at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": f"{_URL}/graph",
        "fingerprint": hashlib.sha256(repr(sorted(labels.items())).encode()).hexdigest()[:16],
    }
    return {
        "version": "4",
        "groupKey": '{}/{severity="page"}:{alertname="ErrorRateHigh"}',
        "truncatedAlerts": 0,
        "status": "firing",
        "receiver": "lockmaster",
        "groupLabels": {"alertname": "ErrorRateHigh"},
        "commonLabels": labels,
        "commonAnnotations": annotations,
        "externalURL": _URL,
        "alerts": [alert],
    }
