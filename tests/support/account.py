"""A pod's own service account, as a kubelet mounts it."""

from pathlib import Path

import pytest
from kubernetes.aio.config import incluster_config


def mounted(folder: Path, monkeypatch: pytest.MonkeyPatch, host: str) -> Path:
    """Let this process be a pod beside an API server at that host, port 443; answers its token file."""
    token, authority = folder / "token", folder / "ca.crt"
    token.write_text("first", encoding="utf-8")
    authority.write_text("certificate", encoding="utf-8")
    monkeypatch.setattr(incluster_config, "SERVICE_TOKEN_FILENAME", str(token))
    monkeypatch.setattr(incluster_config, "SERVICE_CERT_FILENAME", str(authority))
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", host)
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    return token
