"""What we may do, asked of the server before anything is touched. The server's own 403 is what holds in the end."""

from dataclasses import replace
from typing import Final

from adapters.freshness import Fresh
from adapters.kubernetes.api import Api, Call
from adapters.kubernetes.resources import ACCESS_REVIEW, Ref
from adapters.kubernetes.urgency import Urgency
from bot.errors import Refused, TargetGone
from bot.ports.clock import Clock

BELIEVED: Final = 60.0
"""Seconds for which a permission is believed. A refusal is asked about again each time: somebody may be mending it."""


class _Denied(Exception):  # noqa: N818  an answer, which is not kept
    """The server says no."""


class Permissions:
    """Asks once for a whole namespace, and by name only where that is not allowed: most roles name no objects."""

    def __init__(self, api: Api, clock: Clock) -> None:
        self._api = api
        self._allowed = Fresh(clock, BELIEVED, self._ask)

    async def has(self, verb: str, ref: Ref) -> bool:
        """Whether we have it; True where the server cannot tell."""
        return await self._is_allowed(verb, replace(ref, name="")) or await self._is_allowed(verb, ref)

    async def _is_allowed(self, verb: str, ref: Ref) -> bool:
        try:
            return await self._allowed.get((verb, ref))
        except _Denied:
            return False

    async def _ask(self, asked: tuple[str, Ref]) -> bool:
        verb, ref = asked
        attributes = {
            "verb": verb,
            "group": ref.resource.group,
            "resource": ref.resource.plural,
            "namespace": ref.namespace,
            "name": ref.name,
        }
        spec = {"resourceAttributes": attributes}
        body = {"apiVersion": ACCESS_REVIEW.api_version, "kind": ACCESS_REVIEW.kind, "spec": spec}
        try:
            answer = await self._api.request(
                Call("create", Ref(ACCESS_REVIEW, "", ""), Urgency.READ, body=body)
            )
        except (Refused, TargetGone):
            return True
        if not answer["status"]["allowed"]:
            raise _Denied
        return True
