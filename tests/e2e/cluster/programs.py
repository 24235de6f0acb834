"""The programs of a control plane and the files of the real CRDs: built by Go from `go.mod` beside this file, or found ready.

`python -m tests.e2e.cluster.programs` builds them and says where they are. What is built is kept in the user's cache folder, by
a digest of everything it was built from. `KUBEBUILDER_ASSETS` names a folder with ready programs instead, as envtest has it.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

MODULE = Path(__file__).parent
PROGRAMS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok")
VERSION = "v1.36.3"
"""Of Kubernetes; the server tells clients so."""
BUILT_AS = {"etcd": "server"}
"""Go names a program by the last folder of its path."""

ISTIO, GATEWAY, KWOK = "istio.io/api", "sigs.k8s.io/gateway-api", "sigs.k8s.io/kwok"
FILES = {
    ISTIO: ("kubernetes/customresourcedefinitions.gen.yaml",),
    GATEWAY: tuple(
        f"config/crd/standard/gateway.networking.k8s.io_{kind}.yaml"
        for kind in ("gatewayclasses", "gateways", "httproutes", "referencegrants")
    ),
    KWOK: (
        "kustomize/crd/bases/kwok.x-k8s.io_stages.yaml",
        "kustomize/stage/node/fast/node-initialize.yaml",
        "kustomize/stage/pod/fast/pod-ready.yaml",
        "kustomize/stage/pod/fast/pod-delete.yaml",
    ),
}
"""Manifests by the Go module that carries them."""

READY, CACHE = "KUBEBUILDER_ASSETS", "XDG_CACHE_HOME"


class MissingError(Exception):
    """There is no control plane to be had here; the words say what is missing and what to do."""


@dataclass(frozen=True, slots=True)
class Programs:
    """`folder` holds every one of `PROGRAMS`; `manifests` are the files of `FILES`."""

    folder: Path
    manifests: tuple[Path, ...]

    def path(self, name: str) -> str:
        """Where a program is."""
        return str(self.folder / name)


def find_programs(environment: Mapping[str, str] = os.environ) -> Programs:
    """Find them, or build them: that takes minutes the first time. Raises `MissingError`."""
    given = environment.get(READY)
    if given:
        folder = Path(given)
        _check(folder)
        manifests = tuple(sorted((folder / "manifests").glob("*.yaml")))
        return Programs(folder, manifests or _manifests(_go()))
    go = _go()
    return Programs(_built(go, environment), _manifests(go))


def _check(folder: Path) -> None:
    missing = [name for name in PROGRAMS if not os.access(folder / name, os.X_OK)]
    if missing:
        raise MissingError(
            f"{READY} names {folder}, where these programs are missing: {', '.join(missing)}; put them there, or unset the "
            "variable to have all of them built by Go"
        )


def _go() -> str:
    found = shutil.which("go") or shutil.which("go", path="/usr/local/go/bin")
    if found is None:
        raise MissingError(
            "Go is missing (1.26 or newer, or 1.21 or newer that may fetch it): it builds the control plane and carries the CRDs; "
            f"or name in {READY} a folder with {', '.join(PROGRAMS)}, and the manifests in its folder `manifests`"
        )
    return found


def _run(go: str, *words: str) -> str:
    environment = {"CGO_ENABLED": "0"} | os.environ
    ran = subprocess.run(
        (go, *words), cwd=MODULE, env=environment, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise MissingError(f"go {' '.join(words)} failed in {MODULE}:\n{ran.stderr[-2000:]}")
    return ran.stdout.strip()


def _manifests(go: str) -> tuple[Path, ...]:
    _run(go, "mod", "download", *FILES)
    listed = _run(go, "list", "-m", "-f", "{{.Path}} {{.Dir}}", *FILES)
    folders = dict(line.split(" ", 1) for line in listed.splitlines())
    return tuple(Path(folders[module]) / name for module, names in FILES.items() for name in names)


def _built(go: str, environment: Mapping[str, str]) -> Path:
    caches = Path(environment.get(CACHE) or Path.home() / ".cache") / "lockmaster" / "cluster"
    caches.mkdir(parents=True, exist_ok=True)
    sources = [(MODULE / name).read_bytes() for name in ("go.mod", "go.sum")]
    folder = caches / _digest([*sources, _run(go, "env", "GOVERSION", "GOOS", "GOARCH").encode()])
    with (caches / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            _build(go, folder)
    return folder


def _digest(parts: Iterable[bytes]) -> str:
    return hashlib.sha256(b"\0".join(parts)).hexdigest()[:16]


def _build(go: str, folder: Path) -> None:
    """All at once, into a folder beside, so that a build that was cut off leaves none of that name."""
    unfinished = folder.with_suffix(".new")
    shutil.rmtree(unfinished, ignore_errors=True)
    major, minor, _ = VERSION.removeprefix("v").split(".")
    stamps = {"gitVersion": VERSION, "gitMajor": major, "gitMinor": minor}
    linking = " ".join(f"-X k8s.io/component-base/version.{name}={value}" for name, value in stamps.items())
    sys.stderr.write(f"building {', '.join(PROGRAMS)} with Go: minutes, once\n")
    _run(go, "build", "-buildvcs=false", "-ldflags", f"-s -w {linking}", "-o", f"{unfinished}/", "tool")
    for name, built in BUILT_AS.items():
        (unfinished / built).rename(unfinished / name)
    unfinished.rename(folder)


if __name__ == "__main__":
    try:
        sys.stdout.write(f"{find_programs().folder}\n")
    except MissingError as missing:
        sys.exit(str(missing))
