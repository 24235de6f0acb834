"""API errors in the server's own words: each carries the `Status` document that a client receives."""

from dataclasses import dataclass
from http import HTTPStatus

from sandbox.kube.document import Document
from sandbox.kube.resources import Resource

_MODIFIED = "the object has been modified; please apply your changes to the latest version and try again"


class ApiError(Exception):
    """A refusal: HTTP status code, reason word, message for people, details for programs."""

    def __init__(self, code: int, reason: str, message: str, details: Document | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.reason = reason
        self.message = message
        self.details = details

    def status(self) -> Document:
        """The `Status` document of the answer's body."""
        status: Document = {
            "kind": "Status",
            "apiVersion": "v1",
            "metadata": {},
            "status": "Failure",
            "message": self.message,
        }
        if self.reason:
            status["reason"] = self.reason
        if self.details is not None:
            status["details"] = self.details
        return status | {"code": self.code}


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing wrong with one field: the reason word, the field's path, what is wrong."""

    reason: str
    field: str
    message: str


def _details(resource: Resource, name: str) -> Document:
    details: Document = {"name": name}
    if resource.group:
        details["group"] = resource.group
    return details | {"kind": resource.plural}


def not_found(resource: Resource, name: str) -> ApiError:
    """404: no such object."""
    message = f'{resource.qualified} "{name}" not found'
    return ApiError(HTTPStatus.NOT_FOUND, "NotFound", message, _details(resource, name))


def no_such_path() -> ApiError:
    """404: the path leads nowhere."""
    return ApiError(HTTPStatus.NOT_FOUND, "NotFound", "the server could not find the requested resource", {})


def already_exists(resource: Resource, name: str) -> ApiError:
    """409: create met an object of that name."""
    message = f'{resource.qualified} "{name}" already exists'
    return ApiError(HTTPStatus.CONFLICT, "AlreadyExists", message, _details(resource, name))


def conflict(resource: Resource, name: str, why: str = _MODIFIED) -> ApiError:
    """409: the write names a version that is no longer the newest."""
    message = f'Operation cannot be fulfilled on {resource.qualified} "{name}": {why}'
    return ApiError(HTTPStatus.CONFLICT, "Conflict", message, _details(resource, name))


def precondition_failed(resource: Resource, name: str, why: str) -> ApiError:
    """409: a deletion's precondition does not hold. The server names the kind here, not the plural."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    message = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
    details = _details(resource, name) | {"kind": resource.kind}
    return ApiError(HTTPStatus.CONFLICT, "Conflict", message, details)


def invalid(resource: Resource, name: str, causes: list[Cause]) -> ApiError:
    """422: well-formed, but against the rules of the kind."""
    kind = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    texts = [f"{cause.field}: {cause.message}" for cause in causes]
    said = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details = _details(resource, name) | {"kind": resource.kind}
    details["causes"] = [{"reason": c.reason, "message": c.message, "field": c.field} for c in causes]
    message = f'{kind} "{name}" is invalid: {said}'
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid", message, details)


def unprocessable() -> ApiError:
    """422 without causes: a JSON patch that does not apply, a failed `test` among them."""
    message = "the server rejected our request due to an error in our request"
    return ApiError(HTTPStatus.UNPROCESSABLE_ENTITY, "Invalid", message, {})


def bad_request(message: str) -> ApiError:
    """400: not understood."""
    return ApiError(HTTPStatus.BAD_REQUEST, "BadRequest", message)


def internal(message: str) -> ApiError:
    """500 without a reason: what the server itself did not expect, such as a version that is no number."""
    return ApiError(HTTPStatus.INTERNAL_SERVER_ERROR, "", message)


def forbidden(resource: Resource, name: str, why: str) -> ApiError:
    """403: understood and refused."""
    message = f'{resource.qualified} "{name}" is forbidden: {why}'
    return ApiError(HTTPStatus.FORBIDDEN, "Forbidden", message, _details(resource, name))


def terminating(resource: Resource, name: str, namespace: str) -> ApiError:
    """403: nothing new is taken into a namespace that goes away. Its cause tells it from the other refusals."""
    why = f"unable to create new content in namespace {namespace} because it is being terminated"
    error = forbidden(resource, name, why)
    cause = {
        "reason": "NamespaceTerminating",
        "message": f"namespace {namespace} is being terminated",
        "field": "metadata.namespace",
    }
    return ApiError(error.code, error.reason, error.message, {**(error.details or {}), "causes": [cause]})


def unauthorized() -> ApiError:
    """401: no token, or one nobody knows."""
    return ApiError(HTTPStatus.UNAUTHORIZED, "Unauthorized", "Unauthorized")


def method_not_allowed() -> ApiError:
    """405: the path exists, the verb does not."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(HTTPStatus.METHOD_NOT_ALLOWED, "MethodNotAllowed", message, {})


def unsupported_media_type(accepted: tuple[str, ...]) -> ApiError:
    """415: a body or patch format that this kind does not take."""
    message = "the body of the request was in an unknown format - accepted media types include: " + ", ".join(
        accepted
    )
    return ApiError(HTTPStatus.UNSUPPORTED_MEDIA_TYPE, "UnsupportedMediaType", message)


def expired(message: str) -> ApiError:
    """410: the history asked for has been compacted away."""
    return ApiError(HTTPStatus.GONE, "Expired", message)


def too_old(asked: int, oldest: int) -> ApiError:
    """410: a watch or exact list from before the oldest kept change."""
    return expired(f"too old resource version: {asked} ({oldest})")


def too_new(asked: int, current: int) -> ApiError:
    """504: a version this server has not reached."""
    message = f"Too large resource version: {asked}, current: {current}"
    cause = {"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}
    return ApiError(
        HTTPStatus.GATEWAY_TIMEOUT, "Timeout", message, {"causes": [cause], "retryAfterSeconds": 1}
    )
