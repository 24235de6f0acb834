"""Roles as the API server reads them, and a door before an emulated one that lets nothing else in and keeps a record."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from sandbox.kube import KubeEmulator
from sandbox.kube.errors import ApiError
from sandbox.kube.http.paths import parse_path
from sandbox.serving import LoopbackServer

USER = "system:serviceaccount:lockmaster:lockmaster"
UNNOTICED = {"namespaces"}
"""A namespace that may not be looked at is taken to be there: nothing is said where the verb is missing."""

WHO_AM_I = "/selfsubjectreviews"
MAY_I = "/selfsubjectaccessreviews"
"""Two paths for every authenticated user, by Kubernetes' own role `system:basic-user`."""


@dataclass(frozen=True, order=True, slots=True)
class Ask:
    """What a request asks for. `name` is empty for a whole collection and for what is created."""

    verb: str
    group: str
    resource: str
    namespace: str
    name: str = ""

    def covers(self, other: "Ask") -> bool:
        """Whether granting this allows the other: without a name it is granted for every one."""
        return self in (other, replace(other, name=""))

    def refusal(self) -> str:
        """What Lockmaster says where a release of the service checkout lacks this."""
        resource = f"{self.resource}.{self.group}" if self.group else self.resource
        name = self.name or {"get": "checkout", "create": "checkout-canary"}.get(self.verb, "")
        what = f"{resource} {name}".rstrip()
        return f"Lockmaster may not {self.verb} {what} in namespace {self.namespace}"

    def __str__(self) -> str:
        named = f" {self.name}" if self.name else ""
        return f"{self.verb} {self.resource}{named}"


@dataclass(slots=True)
class Roles:
    """The rules of each namespace."""

    rules: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    @classmethod
    def of(cls, objects: Iterable[dict[str, Any]]) -> "Roles":
        """Those of the Roles among rendered objects."""
        return cls({one["metadata"]["namespace"]: one["rules"] for one in objects if one["kind"] == "Role"})

    def allow(self, ask: Ask) -> bool:
        """Decide as RBAC does: a rule with names is for those alone, and never for a collection."""
        return any(one.covers(ask) for one in self.granted())

    def granted(self) -> set[Ask]:
        """Everything they grant, one by one."""
        return {
            Ask(verb, group, resource, namespace, name)
            for namespace, rules in self.rules.items()
            for rule in rules
            for verb in rule["verbs"]
            for group in rule["apiGroups"]
            for resource in rule["resources"]
            for name in rule.get("resourceNames", [""])
        }

    def without(self, ask: Ask) -> "Roles":
        """The same, with one thing less."""
        rules: dict[str, list[dict[str, Any]]] = {}
        for one in sorted(self.granted() - {ask}):
            rule: dict[str, Any] = {
                "apiGroups": [one.group],
                "resources": [one.resource],
                "verbs": [one.verb],
            }
            named = {"resourceNames": [one.name]} if one.name else {}
            rules.setdefault(one.namespace, []).append(rule | named)
        return Roles(rules)


class Gate:
    """Stands before the emulator's API and answers 403 for what `roles` do not allow. `asked` is everything that came."""

    def __init__(self, app: ASGIApp, roles: Roles) -> None:
        self.roles = roles
        self.asked: set[Ask] = set()
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let it through, answer for it, or refuse it."""
        request = Request(scope, receive)
        path = request.url.path
        if path.endswith(MAY_I):
            await self._reviewed(await request.body())(scope, receive, send)
            return
        if path.endswith(WHO_AM_I):
            await self._app(scope, receive, send)
            return
        ask = _ask(request)
        self.asked.add(ask)
        if self.roles.allow(ask):
            await self._app(scope, receive, send)
            return
        await JSONResponse(_forbidden(ask).status(), 403)(scope, receive, send)

    def _reviewed(self, body: bytes) -> JSONResponse:
        review = json.loads(body)
        about = review["spec"]["resourceAttributes"]
        ask = Ask(about["verb"], about["group"], about["resource"], about["namespace"], about["name"])
        return JSONResponse(review | {"status": {"allowed": self.roles.allow(ask)}}, 201)


def guarded(kube: KubeEmulator, roles: Roles) -> Gate:
    """Put a gate before an emulator that has not started yet."""
    gate = Gate(kube.interferences, roles)
    kube._server = LoopbackServer(gate)
    return gate


def _ask(request: Request) -> Ask:
    target = parse_path(request.url.path)
    match request.method:
        case "GET" if request.query_params.get("watch"):
            verb = "watch"
        case "GET":
            verb = "get" if target.name else "list"
        case "DELETE":
            verb = "delete" if target.name else "deletecollection"
        case method:
            verb = {"POST": "create", "PATCH": "patch", "PUT": "update"}[method]
    resource = "/".join(filter(None, (target.resource.plural, target.subresource)))
    # The API server takes a Namespace to be within itself.
    namespace = target.name if target.resource.plural == "namespaces" else target.space
    return Ask(verb, target.resource.group, resource, namespace, target.name)


def _forbidden(ask: Ask) -> ApiError:
    qualified = f"{ask.resource}.{ask.group}" if ask.group else ask.resource
    named = f' "{ask.name}"' if ask.name else ""
    text = (
        f'{qualified}{named} is forbidden: User "{USER}" cannot {ask.verb} resource "{ask.resource}" '
        f'in API group "{ask.group}" in the namespace "{ask.namespace}"'
    )
    return ApiError(403, "Forbidden", text, {})
