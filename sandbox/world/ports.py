"""Free loopback ports, chosen before the parts start, so that parts may name each other while they come up."""

import contextlib
import socket


def free_ports(count: int) -> list[int]:
    """So many different ports that nobody listens on now."""
    with contextlib.ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
