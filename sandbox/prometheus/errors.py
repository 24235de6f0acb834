"""The two ways in which a query fails, as Prometheus tells them apart."""

from typing import ClassVar


class QueryError(Exception):
    """A query without an answer; `status` and `kind` are the HTTP status and `errorType` of the reply."""

    status: ClassVar[int]
    kind: ClassVar[str]


class UnreadableError(QueryError):
    """A parameter or an expression that cannot be read."""

    status = 400
    kind = "bad_data"


class ExecutionError(QueryError):
    """An expression that was read and cannot be evaluated, or is not supported here."""

    status = 422
    kind = "execution"
