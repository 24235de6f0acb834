"""The people's side over HTTP: what a page or a test types, presses and sees."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator
from dataclasses import asdict
from email.parser import BytesParser

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from sandbox.slack.acts import ActError, Acts, Entered
from sandbox.slack.message import Json
from sandbox.slack.persona import Seen, screen
from sandbox.slack.responses import answer_response_url

COALESCE_SECONDS = 0.03
KEEP_ALIVE_SECONDS = 15.0


class BadRequestError(Exception):
    """The request cannot be read."""


async def json_object(request: Request) -> Json:
    """Return the JSON body. Any other content type is refused, so that no foreign web page can post here."""
    if not request.headers.get("content-type", "").startswith("application/json"):
        raise BadRequestError("send application/json")
    try:
        body = await request.json()
    except ValueError:
        raise BadRequestError("that is not JSON") from None
    if not isinstance(body, dict):
        raise BadRequestError("send an object")
    return body


class Control:
    """Routes under `/sandbox`, for the emulator itself and for a page on another port."""

    def __init__(self, acts: Acts) -> None:
        self._acts = acts
        self.closing = asyncio.Event()

    def routes(self) -> list[Route]:
        """Return the routes of people, and of the files they look at."""
        return [
            Route("/sandbox/{act}", self._act, methods=["POST"]),
            Route("/sandbox/state", self._state),
            Route("/sandbox/events", self._events),
            Route("/files/{file_id}/{name}", self._file),
        ]

    def app_routes(self) -> list[Route]:
        """Return the routes that the bot uses beside the Web API."""
        return [
            Route("/commands/{key:path}", self._response_url, methods=["POST"]),
            Route("/actions/{key:path}", self._response_url, methods=["POST"]),
            Route("/upload/v1/{file_id}", self._upload, methods=["POST"]),
        ]

    async def _act(self, request: Request) -> Response:
        try:
            body = await json_object(request)
            seen = await self._do(request.path_params["act"], body)
        except BadRequestError as wrong:
            return JSONResponse({"error": str(wrong)}, 400)
        except ActError as impossible:
            return JSONResponse({"error": str(impossible)}, 409)
        return JSONResponse(asdict(seen))

    async def _do(self, act: str, body: Json) -> Seen:
        try:
            return await self._acted(act, body["user"], body)
        except KeyError as missing:
            raise BadRequestError(f"missing: {missing.args[0]}") from None

    async def _acted(self, act: str, user: str, body: Json) -> Seen:
        match act:
            case "command":
                return await self._acts.command(user, body["channel"], body["text"], body.get("thread_ts"))
            case "press":
                return await self._pressed(user, body)
            case "submit":
                return await self._acts.submit(user, body.get("values"))
            case "close":
                return await self._acts.close(user)
            case "home":
                return await self._acts.open_home(user)
            case _:
                raise BadRequestError(f"no such act: {act}")

    async def _pressed(self, user: str, body: Json) -> Seen:
        shown = body.get("shown")
        entered = Entered(
            body.get("value"), body.get("state") or {}, shown if isinstance(shown, dict) else None
        )
        action_id, block_id = body["action_id"], body.get("block_id")
        if body.get("ts") is None:
            return await self._acts.press_in_modal(user, action_id, block_id, entered)
        return await self._acts.press(user, body["ts"], action_id, block_id, entered)

    def _screen_of(self, user: str) -> Json:
        return screen(self._acts.tenant, self._acts.tenant.workspace.person(user).id)

    async def _state(self, request: Request) -> Response:
        try:
            return JSONResponse(self._screen_of(request.query_params.get("user", "")))
        except KeyError as unknown:
            return JSONResponse({"error": unknown.args[0]}, 404)

    async def _events(self, request: Request) -> Response:
        user = request.query_params.get("user", "")
        try:
            self._screen_of(user)
        except KeyError as unknown:
            return JSONResponse({"error": unknown.args[0]}, 404)
        headers = {"cache-control": "no-store"}
        return StreamingResponse(self._screens(user), headers=headers, media_type="text/event-stream")

    async def _screens(self, user: str) -> AsyncIterator[str]:
        """Yield the whole screen at first and after each change; a burst of changes is one event."""
        sent = -1
        while not self.closing.is_set():
            shown = self._screen_of(user)
            if shown["revision"] != sent:
                sent = shown["revision"]
                yield f"id: {sent}\ndata: {json.dumps(shown)}\n\n"
            elif not await self._something_happens():
                yield ": still here\n\n"

    async def _something_happens(self) -> bool:
        change = asyncio.create_task(self._acts.tenant.workspace.next_change())
        closing = asyncio.create_task(self.closing.wait())
        try:
            done, _ = await asyncio.wait(
                {change, closing}, timeout=KEEP_ALIVE_SECONDS, return_when=asyncio.FIRST_COMPLETED
            )
            if change in done:
                await asyncio.sleep(COALESCE_SECONDS)
            return bool(done)
        finally:
            for task in (change, closing):
                task.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await task

    async def _file(self, request: Request) -> Response:
        upload = self._acts.tenant.uploads.get(request.path_params["file_id"])
        if upload is None or upload.content is None:
            return PlainTextResponse("no such file", 404)
        headers = {
            "x-content-type-options": "nosniff",
            "content-security-policy": "sandbox; default-src 'none'",
        }
        return Response(upload.content, media_type=upload.mimetype, headers=headers)

    async def _upload(self, request: Request) -> Response:
        upload = self._acts.tenant.uploads.get(request.path_params["file_id"])
        if upload is None:
            return PlainTextResponse("no such upload", 404)
        content = await _uploaded_bytes(request)
        if len(content) != upload.length:
            return PlainTextResponse("the length differs from the one announced", 400)
        upload.content = content
        return PlainTextResponse(f"OK - {len(content)}")

    async def _response_url(self, request: Request) -> Response:
        return await answer_response_url(self._acts.tenant, request.path_params["key"], request)


async def _uploaded_bytes(request: Request) -> bytes:
    """Return a raw body, or the one file of a form; Slack takes both."""
    kind = request.headers.get("content-type", "")
    body = await request.body()
    if not kind.startswith("multipart/form-data"):
        return body
    form = BytesParser().parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    files = [part for part in form.walk() if part.get_filename()]
    return bytes(files[0].get_payload(decode=True)) if files else b""
