"""The sandbox's own paths beside the API, under `/sandbox/`: set and lift faults by HTTP."""

import json
from collections.abc import Callable
from typing import Protocol, TypeVar

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.kube.document import Document
from sandbox.kube.errors import ApiError
from sandbox.kube.faults import Fault, FaultBook, FaultKind
from sandbox.kube.interference import Interference, Interferences

T = TypeVar("T")


class _Book(Protocol):
    def lift(self, name: str) -> bool: ...

    def lift_all(self) -> None: ...

    def listed(self) -> list[Document]: ...


def control_routes(faults: FaultBook, interferences: Callable[[], Interferences]) -> list[Route]:
    """`/sandbox/faults` and `/sandbox/interferences`: GET lists, POST adds, DELETE lifts all or `/ID`."""

    def add_fault(body: Document) -> str:
        return faults.set(Fault(**body | {"kind": FaultKind(body.get("kind", ""))}))

    def add_interference(body: Document) -> str:
        return interferences().add(Interference(**body))

    return [
        *_routes("/sandbox/faults", lambda: faults, add_fault),
        *_routes("/sandbox/interferences", interferences, add_interference),
    ]


def _routes(path: str, book: Callable[[], _Book], add: Callable[[Document], str]) -> list[Route]:
    async def listed(request: Request) -> Response:
        del request
        return JSONResponse({"items": book().listed()})

    async def added(request: Request) -> Response:
        try:
            return JSONResponse({"id": add(json.loads(await request.body()))}, 201)
        except (ApiError, TypeError, ValueError) as error:
            return JSONResponse({"error": str(error)}, 400)

    async def lifted_all(request: Request) -> Response:
        del request
        book().lift_all()
        return Response(status_code=204)

    async def lifted(request: Request) -> Response:
        return Response(status_code=204 if book().lift(request.path_params["name"]) else 404)

    return [
        Route(path, listed, methods=["GET"]),
        Route(path, added, methods=["POST"]),
        Route(path, lifted_all, methods=["DELETE"]),
        Route(f"{path}/{{name}}", lifted, methods=["DELETE"]),
    ]
