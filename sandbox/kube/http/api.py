"""The API server as an ASGI application."""

import json
from collections.abc import AsyncIterator, Mapping

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from sandbox.kube import errors
from sandbox.kube.document import Document
from sandbox.kube.errors import ApiError
from sandbox.kube.http import discovery, reading, views, writing
from sandbox.kube.http.paths import Target, parse_path
from sandbox.kube.http.queries import dry_run, flag, selection
from sandbox.kube.http.watching import Watch, Watches
from sandbox.kube.registry import Registry
from sandbox.kube.scale import scale_of
from sandbox.kube.store import Record, encode

_JSON = "application/json"
_METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]
_WHO_AM_I = "/apis/authentication.k8s.io/v1/selfsubjectreviews"
_MAY_I = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"


class Api:
    """Answers requests on `/api`, `/apis`, `/openapi`, `/version` and the health paths.

    `tokens` maps bearer tokens to user names; empty lets everybody in.
    """

    def __init__(self, registry: Registry, tokens: Mapping[str, str], bookmark_every: float) -> None:
        self.watches = Watches()
        self._registry = registry
        self._tokens = tokens
        self._bookmark_every = bookmark_every

    def routes(self) -> list[Route]:
        """All paths of the API server."""
        return [
            Route("/version", self._version),
            Route("/openapi/v3", self._openapi_index),
            Route("/openapi/v3/{path:path}", self._openapi),
            *(Route(path, self._health) for path in ("/healthz", "/livez", "/readyz")),
            Route("/{path:path}", self._answer, methods=_METHODS),
        ]

    async def _version(self, request: Request) -> Response:
        del request
        return _json(discovery.VERSION)

    async def _health(self, request: Request) -> Response:
        del request
        return Response(b"ok", media_type="text/plain")

    async def _openapi_index(self, request: Request) -> Response:
        del request
        return _json(discovery.openapi_index())

    async def _openapi(self, request: Request) -> Response:
        found = discovery.openapi(request.path_params["path"])
        return _json(found) if found else _failure(errors.no_such_path())

    async def _answer(self, request: Request) -> Response:
        try:
            user = self._user(request)
            found = self._discovered(request) or await _reviewed(request, user)
            return found or await self._dispatch(request, parse_path(request.url.path))
        except ApiError as error:
            return _failure(error)

    def _user(self, request: Request) -> str:
        if not self._tokens:
            return "system:admin"
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or token not in self._tokens:
            raise errors.unauthorized()
        return self._tokens[token]

    @staticmethod
    def _discovered(request: Request) -> Response | None:
        path = request.url.path.rstrip("/")
        if request.method != "GET":
            return None
        if path in ("/api", "/apis") and discovery.wants_aggregated(request.headers.get("accept", "")):
            media = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
            return Response(encode(discovery.aggregated(core=path == "/api")), media_type=media)
        found = discovery.legacy(path)
        return _json(found) if found else None

    async def _dispatch(self, request: Request, target: Target) -> Response:
        query, registry = request.query_params, self._registry
        kind = request.headers.get("content-type", "")
        match request.method:
            case "GET":
                return self._get(request, target)
            case "POST":
                body = writing.decode(await request.body(), kind)
                return self._written(request, target, writing.post(registry, target, query, body))
            case "PUT":
                body = writing.decode(await request.body(), kind)
                return self._written(request, target, writing.put(registry, target, query, body))
            case "PATCH":
                agent = request.headers.get("user-agent", "")
                sent = writing.Patch(await request.body(), kind, agent)
                answer = writing.patch(registry, target, query, sent)
                return self._written(request, target, answer)
            case _:
                raw = await request.body()
                body = writing.decode(raw, kind) if raw else {}
                return self._delete(request, target, body)

    def _get(self, request: Request, target: Target) -> Response:
        query = request.query_params
        view = views.view_for(request.headers.get("accept", ""))
        now = self._registry.clock.now()
        if flag(query, "watch"):
            return self._watch(request, target, view)
        if target.subresource == "log":
            raise errors.ApiError(501, "NotImplemented", "pods of the sandbox keep no logs", {})
        if not target.name:
            records, meta = reading.collect(self._registry.store, target, query)
            return _raw(views.many(records, target, view, meta, now))
        record = reading.fetch(self._registry.store, target, query)
        if target.subresource == "scale":
            return _json(scale_of(record.document))
        return _raw(views.one(record, target, view, now))

    def _watch(self, request: Request, target: Target, view: views.View) -> Response:
        watch = Watch(self._registry.store, target, request.query_params, view)

        def lines() -> AsyncIterator[bytes]:
            return watch.lines(self._registry.clock, self._bookmark_every)

        return StreamingResponse(self.watches.stream(watch, lines), media_type=_JSON)

    def _written(self, request: Request, target: Target, answer: tuple[int, Document]) -> Response:
        code, document = answer
        if document["kind"] != target.resource.kind:
            return _json(document, code)
        record = Record(document, int(document["metadata"].get("resourceVersion", 0)))
        view = views.view_for(request.headers.get("accept", ""))
        return _raw(views.one(record, target, view, self._registry.clock.now()), code)

    def _delete(self, request: Request, target: Target, body: Document) -> Response:
        query = request.query_params
        if target.subresource:
            raise errors.method_not_allowed()
        if target.name:
            return self._written(request, target, writing.delete(self._registry, target, query, body))
        records, meta = reading.collect(self._registry.store, target, query)
        matches, dry = selection(query, target), dry_run(query)
        for record in records:
            document = record.document
            if matches(document):
                place = document["metadata"].get("namespace", ""), document["metadata"]["name"]
                self._registry.delete(target.resource, place, body, dry_run=dry)
        view = views.view_for(request.headers.get("accept", ""))
        return _raw(views.many(records, target, view, meta, self._registry.clock.now()))


def api_application(api: Api, control: list[Route]) -> Starlette:
    """The API and, beside it, the paths by which a test or the page controls the sandbox."""
    return Starlette(routes=[*control, *api.routes()])


async def _reviewed(request: Request, user: str) -> Response | None:
    """Who the client is, and whether it may do something: everybody who is let in may do everything."""
    path = request.url.path
    if request.method != "POST" or path not in (_WHO_AM_I, _MAY_I):
        return None
    body = writing.decode(await request.body(), request.headers.get("content-type", ""))
    who = {"userInfo": {"username": user, "groups": ["system:authenticated"]}}
    return _json(body | {"status": who if path == _WHO_AM_I else {"allowed": True}}, 201)


def _json(document: Document, code: int = 200) -> Response:
    return _raw(encode(document), code)


def _raw(body: bytes, code: int = 200) -> Response:
    return Response(body, code, media_type=_JSON)


def _failure(error: ApiError) -> Response:
    return Response(json.dumps(error.status()), error.code, media_type=_JSON)
