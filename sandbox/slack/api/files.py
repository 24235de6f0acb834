"""files.*: the external upload in three steps (address, bytes, completion)."""

from sandbox.slack import seed
from sandbox.slack.api.chat import checked_blocks, writable_channel
from sandbox.slack.api.tenant import Arguments, Method, SlackError, Tenant, takes
from sandbox.slack.message import Json
from sandbox.slack.uploads import Upload

LARGEST = 1 << 30


def _upload_url(tenant: Tenant, args: Arguments) -> Json:
    if args["length"] < 1 or args["length"] > LARGEST:
        raise SlackError("invalid_arguments", ["must be greater than 0 [json-pointer:/length]"])
    upload = tenant.uploads.expect(args["filename"], args["length"], args.get("alt_txt", ""))
    return {"ok": True, "upload_url": f"{tenant.origin}/upload/v1/{upload.id}", "file_id": upload.id}


def _complete(tenant: Tenant, args: Arguments) -> Json:
    uploads = [_finished(tenant, wanted) for wanted in args["files"]]
    created = int(tenant.workspace.clock())
    shown = [upload.shown(tenant.origin, created) for upload in uploads]
    channel_id = args.get("channel_id") or args.get("channels", "").partition(",")[0]
    if channel_id:
        channel = writable_channel(tenant, channel_id)
        tenant.workspace.post(
            channel.id,
            seed.BOT_USER,
            args.get("initial_comment", ""),
            blocks=checked_blocks(args.get("blocks")) or [],
            thread_ts=args.get("thread_ts"),
            files=shown,
        )
    return {"ok": True, "files": shown}


def _finished(tenant: Tenant, wanted: Json) -> Upload:
    upload = tenant.uploads.get(wanted.get("id", ""))
    if upload is None or upload.content is None:
        raise SlackError("file_not_found")
    upload.title = wanted.get("title", "")
    return upload


METHODS: dict[str, Method] = {
    "files.getUploadURLExternal": Method(
        _upload_url,
        takes("filename length:integer", "alt_txt snippet_type"),
        takes_json=False,
    ),
    "files.completeUploadExternal": Method(
        _complete,
        takes("files:json", "channel_id channels initial_comment thread_ts blocks:json"),
        takes_json=True,
    ),
}
