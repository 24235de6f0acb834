"""users.*, usergroups.*, bots.info, team.info, auth.test, api.test, reactions.add."""

from sandbox.slack import seed
from sandbox.slack.api.chat import channel_for
from sandbox.slack.api.paging import page_of
from sandbox.slack.api.tenant import Arguments, Method, SlackError, Tenant, takes
from sandbox.slack.message import Json, bot_profile
from sandbox.slack.seed import Person, UserGroup


def _profile(person: Person) -> Json:
    first, _, last = person.real_name.partition(" ")
    profile: Json = {
        "title": person.title,
        "phone": "",
        "skype": "",
        "real_name": person.real_name,
        "real_name_normalized": person.real_name,
        "display_name": person.name,
        "display_name_normalized": person.name,
        "first_name": first,
        "last_name": last,
        "status_text": "",
        "status_emoji": "",
        "status_expiration": 0,
        "avatar_hash": person.id.lower(),
        "team": person.team_id,
    }
    if person.is_bot:
        return profile | {"api_app_id": seed.APP_ID, "bot_id": seed.BOT_ID}
    return profile | {"email": person.email}


def user_object(person: Person) -> Json:
    """Return the user object of the Web API."""
    return {
        "id": person.id,
        "team_id": person.team_id,
        "name": person.name,
        "deleted": person.deleted,
        "color": person.color,
        "real_name": person.real_name,
        "tz": person.tz,
        "tz_label": "Central European Time",
        "tz_offset": 3600,
        "profile": _profile(person),
        "is_admin": False,
        "is_owner": False,
        "is_primary_owner": False,
        "is_restricted": person.is_restricted,
        "is_ultra_restricted": person.is_ultra_restricted,
        "is_bot": person.is_bot,
        "is_app_user": False,
        "updated": seed.CREATED,
        "is_email_confirmed": not person.is_bot,
        "who_can_share_contact_card": "EVERYONE",
    }


def _user_info(tenant: Tenant, args: Arguments) -> Json:
    person = tenant.workspace.people.get(args["user"])
    if person is None:
        raise SlackError("user_not_found")
    return {"ok": True, "user": user_object(person) | {"is_stranger": person.is_stranger}}


def _users(tenant: Tenant, args: Arguments) -> Json:
    page, cursor = page_of(list(tenant.workspace.people.values()), args)
    members = [user_object(person) for person in page]
    at = int(tenant.workspace.clock())
    return {"ok": True, "members": members, "cache_ts": at, "response_metadata": {"next_cursor": cursor}}


def _by_email(tenant: Tenant, args: Arguments) -> Json:
    for person in tenant.workspace.people.values():
        if person.email == args["email"] and not person.deleted:
            return {"ok": True, "user": user_object(person)}
    raise SlackError("users_not_found")


def _group_object(group: UserGroup, args: Arguments) -> Json:
    shown: Json = {
        "id": group.id,
        "team_id": seed.TEAM_ID,
        "is_usergroup": True,
        "is_subteam": True,
        "name": group.name,
        "description": "",
        "handle": group.handle,
        "is_external": False,
        "date_create": seed.CREATED,
        "date_update": seed.CREATED,
        "date_delete": 0,
        "auto_provision": False,
        "enterprise_subteam_id": "",
        "created_by": "U0BO000001",
        "updated_by": "U0BO000001",
        "prefs": {"channels": [], "groups": []},
        "channel_count": 0,
    }
    if args.get("include_users"):
        shown["users"] = list(group.users)
    if args.get("include_count"):
        shown["user_count"] = len(group.users)
    return shown


def _groups(tenant: Tenant, args: Arguments) -> Json:
    return {"ok": True, "usergroups": [_group_object(g, args) for g in tenant.workspace.groups.values()]}


def _group_users(tenant: Tenant, args: Arguments) -> Json:
    group = tenant.workspace.groups.get(args["usergroup"])
    if group is None:
        raise SlackError("no_such_subteam")
    return {"ok": True, "users": list(group.users)}


def _bot_info(_tenant: Tenant, args: Arguments) -> Json:
    if args.get("bot", seed.BOT_ID) != seed.BOT_ID:
        raise SlackError("bot_not_found")
    shown = {name: held for name, held in bot_profile().items() if name != "team_id"}
    return {"ok": True, "bot": {**shown, "user_id": seed.BOT_USER}}


def _team_info(tenant: Tenant, args: Arguments) -> Json:
    if args.get("team", seed.TEAM_ID) != seed.TEAM_ID:
        raise SlackError("team_not_found")
    team: Json = {"id": seed.TEAM_ID, "name": seed.TEAM_NAME, "domain": seed.TEAM_DOMAIN}
    team |= {"email_domain": "shop.example", "url": f"{tenant.origin}/", "is_verified": False}
    return {"ok": True, "team": {**team, "icon": {"image_default": True}}}


def _auth_test(tenant: Tenant, _args: Arguments) -> Json:
    return {
        "ok": True,
        "url": f"{tenant.origin}/",
        "team": seed.TEAM_NAME,
        "user": seed.BOT_NAME,
        "team_id": seed.TEAM_ID,
        "user_id": seed.BOT_USER,
        "bot_id": seed.BOT_ID,
        "is_enterprise_install": False,
    }


def _api_test(_tenant: Tenant, args: Arguments) -> Json:
    if args.get("error"):
        raise SlackError(args["error"])
    return {"ok": True, "args": dict(args)}


def _react(tenant: Tenant, args: Arguments) -> Json:
    channel = channel_for(tenant, args["channel"])
    message = tenant.workspace.message(channel.id, args["timestamp"])
    if message is None or message.only_for is not None:
        raise SlackError("message_not_found")
    who = message.reactions.setdefault(args["name"].strip(":"), [])
    if seed.BOT_USER in who:
        raise SlackError("already_reacted")
    who.append(seed.BOT_USER)
    message.changed_at = tenant.workspace.touch()
    return {"ok": True}


_GROUP_OPTIONS = "include_users:boolean include_count:boolean include_disabled:boolean team_id"
METHODS: dict[str, Method] = {
    "api.test": Method(_api_test, takes("", "error foo"), takes_json=True),
    "auth.test": Method(_auth_test, takes(), takes_json=True),
    "bots.info": Method(_bot_info, takes("", "bot team_id"), takes_json=False),
    "reactions.add": Method(_react, takes("channel name timestamp"), takes_json=True),
    "team.info": Method(_team_info, takes("", "team domain"), takes_json=False),
    "usergroups.list": Method(_groups, takes("", _GROUP_OPTIONS), takes_json=False),
    "usergroups.users.list": Method(
        _group_users,
        takes("usergroup", "include_disabled:boolean team_id"),
        takes_json=False,
    ),
    "users.info": Method(_user_info, takes("user", "include_locale:boolean"), takes_json=False),
    "users.list": Method(
        _users,
        takes("", "limit:integer cursor include_locale:boolean team_id"),
        takes_json=False,
    ),
    "users.lookupByEmail": Method(_by_email, takes("email"), takes_json=False),
}
