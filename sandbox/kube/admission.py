"""Admission webhooks: each write is shown to them, and they deny it or change it before it is stored."""

from collections.abc import Callable

from sandbox.kube.document import Document
from sandbox.kube.errors import ApiError
from sandbox.kube.resources import Resource

Webhook = Callable[[Resource, Document], Document]
"""Takes the object as it would be stored; answers it, changed or not. What it raises is the answer to the request."""


def denied(webhook: str, why: str) -> ApiError:
    """403 in the words of the API server for a webhook that says no."""
    message = f'admission webhook "{webhook}" denied the request: {why}'
    return ApiError(403, "Forbidden", message)


class Admission:
    """The webhooks in force, by the name that a test gives them."""

    def __init__(self) -> None:
        self._webhooks: dict[str, Webhook] = {}

    def register(self, name: str, webhook: Webhook) -> None:
        """Put one in force."""
        self._webhooks[name] = webhook

    def remove(self, name: str) -> None:
        """End one."""
        del self._webhooks[name]

    def review(self, resource: Resource, document: Document) -> Document:
        """Show a write to all of them, in their order."""
        for webhook in tuple(self._webhooks.values()):
            document = webhook(resource, document)
        return document
