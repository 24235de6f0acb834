"""What a bot says in an acknowledgement or through a response URL, and where it lands."""

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from sandbox.slack import seed
from sandbox.slack.api.chat import checked_content
from sandbox.slack.api.tenant import SlackError, Tenant
from sandbox.slack.capabilities import CapabilityError, ResponseTarget
from sandbox.slack.message import Json


def deliver(tenant: Tenant, target: ResponseTarget, body: Json) -> None:
    """Post, replace or delete as the body asks; raises `SlackError` for content Slack refuses."""
    original = tenant.workspace.message(target.channel, target.message_ts) if target.message_ts else None
    if body.get("delete_original"):
        if original is not None:
            tenant.workspace.delete(original)
        return
    text, blocks = checked_content(body)
    if body.get("replace_original") and original is not None:
        tenant.workspace.edit(original, text, blocks or [])
        return
    is_public = body.get("response_type") == "in_channel"
    tenant.workspace.post(
        target.channel,
        seed.BOT_USER,
        text,
        blocks=blocks or [],
        thread_ts=body.get("thread_ts") or (original.thread_ts if original else None),
        only_for=None if is_public else target.user,
    )


async def answer_response_url(tenant: Tenant, key: str, request: Request) -> Response:
    """Serve one POST to a response URL as hooks.slack.com does."""
    try:
        body = await request.json()
        if not isinstance(body, dict):
            return PlainTextResponse("invalid_payload", 400)
        deliver(tenant, tenant.capabilities.redeem_response_key(key), body)
    except ValueError:
        return PlainTextResponse("invalid_payload", 400)
    except CapabilityError as refused:
        return JSONResponse({"ok": False, "error": refused.code}, 404)
    except SlackError as refused:
        return JSONResponse(refused.answer(), 400)
    return PlainTextResponse("ok")
