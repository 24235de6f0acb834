"""Who and what the workspace holds when it opens."""

from dataclasses import dataclass, field

TEAM_ID = "T0SHOP0001"
TEAM_NAME = "Shop"
TEAM_DOMAIN = "shop-sandbox"
APP_ID = "A0LOCKMAST"
BOT_ID = "B0LOCKMAST"
BOT_USER = "U0LOCKMAST"
BOT_NAME = "lockmaster"
VERIFICATION_TOKEN = "sandbox-verification"  # noqa: S105 - Slack's deprecated token field, checked by nobody
CREATED = 1_760_000_000


@dataclass
class Person:
    """A member of the workspace, or its bot; the flags are Slack's own words."""

    id: str
    name: str
    real_name: str
    title: str = ""
    color: str = "4a6fa5"
    deleted: bool = False
    is_bot: bool = False
    is_restricted: bool = False
    is_ultra_restricted: bool = False
    is_stranger: bool = False
    team_id: str = TEAM_ID
    tz: str = "Europe/Berlin"

    @property
    def email(self) -> str:
        """The address that users.lookupByEmail finds."""
        return f"{self.name}@shop.example"


@dataclass
class Channel:
    """A conversation; direct messages have the other person in `im_with`."""

    id: str
    name: str
    members: list[str] = field(default_factory=list)
    topic: str = ""
    is_archived: bool = False
    is_private: bool = False
    im_with: str | None = None


@dataclass
class UserGroup:
    """A group people mention as `@handle`."""

    id: str
    handle: str
    name: str
    users: list[str] = field(default_factory=list)


def people() -> list[Person]:
    """Two engineers, an approver, somebody without rights, and the bot."""
    return [
        Person("U0ANA00001", "ana", "Ana Lima", "Engineer", "2f7d6b"),
        Person("U0DEE00001", "dee", "Dee Novak", "Engineer", "8a5a2b"),
        Person("U0BO000001", "bo", "Bo Winter", "Lead, may approve", "6b4fa0"),
        Person("U0CY000001", "cy", "Cy Sato", "Support, no rights", "a0475a"),
        Person(BOT_USER, BOT_NAME, "Lockmaster", "Releases", "3b4252", is_bot=True),
    ]


def channels() -> list[Channel]:
    """Return the service's channel, and one that everybody is in but the bot is not."""
    team = ["U0ANA00001", "U0DEE00001", "U0BO000001"]
    return [
        Channel("C0RELEASES", "shop-releases", [*team, BOT_USER], "Releases of checkout and payments"),
        Channel("C0GENERAL1", "general", [*team, "U0CY000001"], "Everything else"),
    ]


def groups() -> list[UserGroup]:
    """Return the group whose members approve."""
    return [UserGroup("S0LEADS001", "shop-leads", "Shop leads", ["U0BO000001"])]
