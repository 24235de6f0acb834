"""What people and tests ask of the API server, over plain HTTP: no client library, no cache, no retry."""

import json
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Self

import aiohttp

from sandbox.kube.document import Document
from tests.support.until import until

MERGE = "application/merge-patch+json"
NOT_FOUND, CONFLICT = 404, 409
READ_BUFFER = 2**21
"""Room for an object of a megabyte in one line of a watch."""

GROUPS = {
    "v1": (
        "configmaps endpoints events namespaces nodes pods resourcequotas secrets serviceaccounts services"
    ),
    "apps/v1": "deployments replicasets",
    "autoscaling/v2": "horizontalpodautoscalers",
    "policy/v1": "poddisruptionbudgets",
    "discovery.k8s.io/v1": "endpointslices",
    "rbac.authorization.k8s.io/v1": "roles rolebindings clusterroles clusterrolebindings",
    "admissionregistration.k8s.io/v1": (
        "validatingadmissionpolicies validatingadmissionpolicybindings validatingwebhookconfigurations "
        "mutatingwebhookconfigurations mutatingadmissionpolicies mutatingadmissionpolicybindings"
    ),
    "apiextensions.k8s.io/v1": "customresourcedefinitions",
    "networking.istio.io/v1": "virtualservices destinationrules",
    "gateway.networking.k8s.io/v1": "httproutes gateways gatewayclasses",
    "kwok.x-k8s.io/v1alpha1": "stages",
}
"""The plurals that `Api` knows, by group and version."""
VERSIONS = {plural: version for version, plurals in GROUPS.items() for plural in plurals.split()}


class ApiError(Exception):
    """The server refused; `code` is HTTP's, `status` its `Status` object."""

    def __init__(self, code: int, status: Document) -> None:
        self.code, self.status = code, status
        super().__init__(f"{code}: {status.get('message')}")


class Api:
    """One user's requests, by `session`. Use `Api.connect`, or `Plane.api`."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self.session = session

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str, certificate: Path, token: str) -> AsyncIterator[Self]:
        """Speak to the server at `url` as whoever the token is."""
        context = ssl.create_default_context(cafile=str(certificate))
        async with aiohttp.ClientSession(
            url,
            headers={"Authorization": f"Bearer {token}"},
            connector=aiohttp.TCPConnector(ssl=context, limit=0),
            read_bufsize=READ_BUFFER,
        ) as session:
            yield cls(session)

    async def request(
        self,
        method: str,
        path: str,
        body: object = None,
        *,
        kind: str = "application/json",
        query: Mapping[str, str] | None = None,
    ) -> Document:
        """Any request; `body` is sent as JSON under the content type `kind`. Raises `ApiError`."""
        sent = None if body is None else json.dumps(body).encode()
        headers = {"Content-Type": kind} if sent else {}
        async with self.session.request(method, path, data=sent, headers=headers, params=query) as answer:
            text = await answer.text()
            if not answer.ok:
                raise ApiError(answer.status, _status(text))
            found: Document = json.loads(text)
            return found

    async def is_ready(self) -> bool:
        """Whether the server says so of itself."""
        try:
            async with self.session.get("/readyz") as answer:
                return answer.ok
        except aiohttp.ClientError:
            return False

    async def create(self, manifest: Document) -> Document:
        """Create it, in the namespace that it names."""
        namespace = manifest["metadata"].get("namespace", "")
        return await self.request("POST", _path(_plural(manifest), namespace), manifest)

    async def create_if_missing(self, manifest: Document) -> None:
        """Create it, unless one of that name exists."""
        try:
            await self.create(manifest)
        except ApiError as error:
            if error.code != CONFLICT:
                raise

    async def get(self, plural: str, name: str, namespace: str = "") -> Document:
        """The object as it is stored."""
        return await self.request("GET", _path(plural, namespace, name))

    async def find(self, plural: str, name: str, namespace: str = "") -> Document | None:
        """The same, or None where there is none."""
        try:
            return await self.get(plural, name, namespace)
        except ApiError as error:
            if error.code != NOT_FOUND:
                raise
        return None

    async def listed(self, plural: str, namespace: str = "", selector: str = "") -> list[Document]:
        """All of a kind, of all namespaces where none is named; `selector` is one of labels."""
        query = {"labelSelector": selector} if selector else None
        found: list[Document] = (await self.request("GET", _path(plural, namespace), query=query))["items"]
        return found

    async def merge(
        self, plural: str, name: str, patch: object, namespace: str = "", subresource: str = ""
    ) -> Document:
        """Patch an object, or a subresource such as `status`, as a person would, without any fence."""
        path = _path(plural, namespace, name) + (f"/{subresource}" if subresource else "")
        return await self.request("PATCH", path, patch, kind=MERGE)

    async def delete(self, plural: str, name: str, namespace: str = "", *, grace: int | None = None) -> None:
        """Delete an object, and in the background what belongs to it."""
        options = {} if grace is None else {"gracePeriodSeconds": grace}
        await self.request("DELETE", _path(plural, namespace, name), options)

    async def clear(self, plural: str, namespace: str) -> None:
        """Delete all of a kind in a namespace, at once."""
        await self.request("DELETE", _path(plural, namespace), {"gracePeriodSeconds": 0})

    async def watch(self, plural: str, namespace: str = "") -> AsyncIterator[tuple[str, Document]]:
        """Every object there is as ADDED, then every change, until the server ends the watch."""
        path = _path(plural, namespace)
        listed = await self.request("GET", path)
        for found in listed["items"]:
            yield "ADDED", found
        query = {"watch": "1", "resourceVersion": listed["metadata"]["resourceVersion"]}
        forever = aiohttp.ClientTimeout(total=None)
        async with self.session.get(path, params=query, timeout=forever) as answer, cut_off(answer):
            async for line in answer.content:
                event: dict[str, Any] = json.loads(line)
                yield event["type"], event["object"]

    async def has_condition(self, plural: str, name: str, condition: str, namespace: str = "") -> bool:
        """Whether a condition of the object's status is True."""
        return holds(await self.get(plural, name, namespace), condition)

    async def until_condition(self, plural: str, name: str, condition: str, namespace: str = "") -> None:
        """Wait until a condition of the object's status is True."""

        async def is_true() -> bool:
            return await self.has_condition(plural, name, condition, namespace)

        await until(is_true, within=60.0)


def holds(found: Document, condition: str) -> bool:
    """Whether a condition of an object's status is True."""
    conditions = found.get("status", {}).get("conditions") or ()
    return any(one["type"] == condition and one["status"] == "True" for one in conditions)


@asynccontextmanager
async def cut_off(answer: aiohttp.ClientResponse) -> AsyncIterator[None]:
    """Drop the connection if the answer was not read to its end: a farewell by TLS would outlast the test's loop."""
    try:
        yield
    finally:
        if answer.connection and answer.connection.transport:
            answer.connection.transport.abort()


def _path(plural: str, namespace: str = "", name: str = "") -> str:
    version = VERSIONS[plural]
    parts = [
        "/apis" if "/" in version else "/api",
        version,
        *(("namespaces", namespace) if namespace else ()),
        plural,
        *((name,) if name else ()),
    ]
    return "/".join(parts)


def _plural(manifest: Document) -> str:
    kind = str(manifest["kind"]).lower()
    for plural in (f"{kind}s", f"{kind}es", f"{kind[:-1]}ies"):
        if VERSIONS.get(plural) == manifest["apiVersion"]:
            return plural
    raise LookupError(f"{manifest['apiVersion']} {manifest['kind']} is not in GROUPS")


def _status(text: str) -> Document:
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    return found if isinstance(found, dict) else {"message": text[:500]}
