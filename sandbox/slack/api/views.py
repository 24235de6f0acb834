"""views.*: modals and the home tab."""

from collections.abc import Callable

from sandbox.slack.api.tenant import Arguments, Method, SlackError, Tenant, takes
from sandbox.slack.blockkit import view_complaints
from sandbox.slack.capabilities import CapabilityError
from sandbox.slack.message import Json
from sandbox.slack.modals import ViewError, new_view


def checked_view(wanted: object, kind: str | None = None) -> Json:
    """Return the view of a call, or Slack's refusal."""
    complaints = view_complaints(wanted)
    if complaints or not isinstance(wanted, dict):
        raise SlackError("invalid_arguments", complaints)
    if kind is not None and wanted["type"] != kind:
        raise SlackError(
            "invalid_arguments", [f"must be one of the following: {kind} [json-pointer:/view/type]"]
        )
    return wanted


def _show(tenant: Tenant, args: Arguments, show: Callable[[str, Json], Json]) -> Json:
    """Spend the trigger on a modal; the view is checked first, so that a bad one costs no trigger."""
    wanted = checked_view(args["view"], "modal")
    try:
        return {"ok": True, "view": show(tenant.capabilities.redeem_trigger(args["trigger_id"]), wanted)}
    except (CapabilityError, ViewError) as refused:
        raise SlackError(refused.code) from None


def _open(tenant: Tenant, args: Arguments) -> Json:
    return _show(tenant, args, tenant.modals.open)


def _push(tenant: Tenant, args: Arguments) -> Json:
    return _show(tenant, args, tenant.modals.push)


def _update(tenant: Tenant, args: Arguments) -> Json:
    if not args.get("view_id") and not args.get("external_id"):
        raise SlackError("invalid_arguments", ["missing required field: view_id"])
    wanted = checked_view(args["view"])
    try:
        view = tenant.modals.update(args.get("view_id"), args.get("external_id"), wanted, args.get("hash"))
    except ViewError as refused:
        raise SlackError(refused.code) from None
    return {"ok": True, "view": view}


def _publish(tenant: Tenant, args: Arguments) -> Json:
    wanted = checked_view(args["view"], "home")
    user = args["user_id"]
    if user not in tenant.workspace.people:
        raise SlackError("user_not_found")
    held = tenant.workspace.homes.get(user)
    if args.get("hash") and held is not None and held["hash"] != args["hash"]:
        raise SlackError("hash_conflict")
    view = new_view(wanted)
    view["id"] = held["id"] if held is not None else view["id"]
    view["root_view_id"] = view["id"]
    tenant.workspace.homes[user] = view
    tenant.workspace.touch()
    return {"ok": True, "view": view}


METHODS: dict[str, Method] = {
    "views.open": Method(_open, takes("trigger_id view:json", "interactivity_pointer"), takes_json=True),
    "views.push": Method(_push, takes("trigger_id view:json", "interactivity_pointer"), takes_json=True),
    "views.update": Method(_update, takes("view:json", "view_id external_id hash"), takes_json=True),
    "views.publish": Method(_publish, takes("user_id view:json", "hash"), takes_json=True),
}
