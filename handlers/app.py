"""Both ASGI applications: one for Slack and Alertmanager, one for the admin port."""

from prometheus_client import REGISTRY, CollectorRegistry
from starlette.applications import Starlette
from starlette.routing import Route

from bot.config.secrets import Secrets
from bot.ports.clock import Clock
from bot.ports.desks import AlertDesk, Health
from bot.ports.journal import Journal
from handlers.alerts import AlertGate
from handlers.health import Probes
from handlers.slack.bolt import application
from handlers.slack.gate import SlackGate
from handlers.slack.replays import Replays
from handlers.slack.talk import Talk

SLACK_PATH = "/slack/events"
ALERTS_PATH = "/alerts/alertmanager"


def slack_gate(command: str, talk: Talk, secrets: Secrets, journal: Journal, clock: Clock) -> SlackGate:
    """The door for Slack. `command` is the slash command's name, with its slash."""
    replays = Replays(journal, clock)
    return SlackGate(application(command, talk), secrets.slack_signing_secret, replays, clock)


def public(slack: SlackGate, alerts: AlertDesk, secrets: Secrets) -> Starlette:
    """Build what the world may call. Draining what was acknowledged is its caller's business (`Talk.drain`)."""
    return Starlette(
        routes=[
            Route(SLACK_PATH, slack, methods=["POST"]),
            Route(ALERTS_PATH, AlertGate(alerts, secrets.alert_token), methods=["POST"]),
        ]
    )


def admin(health: Health, registry: CollectorRegistry = REGISTRY) -> Starlette:
    """Build what only the cluster may call."""
    return Starlette(routes=Probes(health, registry).routes())
