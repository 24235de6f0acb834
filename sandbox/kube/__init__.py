"""A Kubernetes API server, its controllers and its kubelet in one asyncio process, for the sandbox and for tests.

It answers as a real API server does wherever Lockmaster or kubectl look; what it leaves out is listed in README.md.
Nothing here knows Lockmaster: neither its names nor its rules.
"""

from sandbox.kube.emulator import KubeEmulator
from sandbox.kube.faults import Fault, FaultKind
from sandbox.kube.interference import Interference
from sandbox.kube.timing import Timing

__all__ = ["Fault", "FaultKind", "Interference", "KubeEmulator", "Timing"]
