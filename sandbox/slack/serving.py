"""What a server that fails on purpose can do, and ASGI has no word for."""

from starlette.types import Receive


def abort_connection(receive: Receive) -> None:
    """Drop the client's TCP connection without an answer; ASGI itself has no word for it."""
    cycle = getattr(receive, "__self__", None)
    transport = getattr(cycle, "transport", None)
    if transport is None:
        raise RuntimeError("this server does not show its transport, so a connection cannot be dropped")
    transport.abort()
