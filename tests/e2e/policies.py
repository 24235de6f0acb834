"""Real admission policies on the VirtualServices of one namespace: one that denies, one that changes; in force within the block."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count

from sandbox.kube.document import Document
from tests.e2e.cluster.api import MERGE, Api, ApiError
from tests.e2e.site import Site
from tests.support.until import until

_API = "admissionregistration.k8s.io/v1"
_CANARY = "object.spec.http[0].route[1].weight"
_NUMBERS = count(1)


@asynccontextmanager
async def at_most(site: Site, service: str, percent: int, message: str) -> AsyncIterator[str]:
    """A ValidatingAdmissionPolicy: more than that for the canary of an adopted service is denied with `message`. Yields its name."""
    said = {"validations": [{"expression": f"{_CANARY} <= {percent}", "message": message}]}
    deny = {"validationActions": ["Deny"]}
    async with _in_force(site, service, "ValidatingAdmissionPolicy", said, deny) as name:
        yield name


@asynccontextmanager
async def clamped(site: Site, service: str, percent: int) -> AsyncIterator[None]:
    """A MutatingAdmissionPolicy: whoever writes more than that for the canary has written that."""
    patch = ", ".join(
        f'JSONPatch{{op: "replace", path: "/spec/http/0/route/{number}/weight", value: {weight}}}'
        for number, weight in enumerate((100 - percent, percent))
    )
    said = {
        "matchConditions": [{"name": "more", "expression": f"{_CANARY} > {percent}"}],
        "mutations": [{"patchType": "JSONPatch", "jsonPatch": {"expression": f"[{patch}]"}}],
        "failurePolicy": "Fail",
        "reinvocationPolicy": "Never",
    }
    async with _in_force(site, service, "MutatingAdmissionPolicy", said, {}):
        yield


@asynccontextmanager
async def _in_force(
    site: Site, service: str, kind: str, said: Document, binding: Document
) -> AsyncIterator[str]:
    name, plural = f"policy-{next(_NUMBERS)}", f"{kind.lower()[:-1]}ies"
    rule = {
        "apiGroups": ["networking.istio.io"],
        "apiVersions": ["*"],
        "operations": ["UPDATE"],
        "resources": ["virtualservices"],
    }
    here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": site.namespace}}}
    policy = {"matchConstraints": {"resourceRules": [rule]}} | said
    bound = {"policyName": name, "matchResources": here} | binding
    for found, spec in ((kind, policy), (f"{kind}Binding", bound)):
        await site.api.create(
            {"apiVersion": _API, "kind": found, "metadata": {"name": name}, "spec": spec},
        )
    try:
        await until(lambda: _is_noticed(site.api, site.namespace, service), within=60.0)
        yield name
    finally:
        await site.api.delete(f"{kind.lower()}bindings", name)
        await site.api.delete(plural, name)


async def _is_noticed(api: Api, namespace: str, service: str) -> bool:
    """Whether all weight for the canary is denied or changed, by a write that is never stored."""
    route = await api.get("virtualservices", service, namespace)
    http = route["spec"]["http"]
    http[0]["route"][0]["weight"], http[0]["route"][1]["weight"] = 0, 100
    path = f"/apis/networking.istio.io/v1/namespaces/{namespace}/virtualservices/{service}"
    try:
        answer = await api.request(
            "PATCH", path, {"spec": {"http": http}}, kind=MERGE, query={"dryRun": "All"}
        )
    except ApiError:
        return True
    return bool(answer["spec"]["http"] != http)
