"""Where the control plane's programs come from, and what is said when there are none."""

import shutil
from pathlib import Path

import pytest

from tests.e2e.cluster.programs import PROGRAMS, MissingError, find_programs


def test_ready_programs_are_taken_from_the_named_folder_with_the_manifests_beside(tmp_path: Path) -> None:
    (tmp_path / "manifests").mkdir()
    manifest = tmp_path / "manifests" / "crd.yaml"
    manifest.touch()
    for name in PROGRAMS:
        (tmp_path / name).touch(mode=0o755)

    found = find_programs({"KUBEBUILDER_ASSETS": str(tmp_path)})

    assert (found.folder, found.manifests) == (tmp_path, (manifest,))


def test_a_named_folder_that_lacks_some_of_them_is_refused_by_their_names(tmp_path: Path) -> None:
    (tmp_path / "etcd").touch(mode=0o755)
    (tmp_path / "kube-apiserver").touch(mode=0o755)

    with pytest.raises(MissingError) as missing:
        find_programs({"KUBEBUILDER_ASSETS": str(tmp_path)})

    assert str(missing.value) == (
        f"KUBEBUILDER_ASSETS names {tmp_path}, where these programs are missing: kube-controller-manager, kube-scheduler, "
        "kwok; put them there, or unset the variable to have all of them built by Go"
    )


def test_without_go_the_two_ways_out_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)

    with pytest.raises(MissingError) as missing:
        find_programs({})

    assert str(missing.value) == (
        "Go is missing (1.26 or newer, or 1.21 or newer that may fetch it): it builds the control plane and carries the CRDs; "
        "or name in KUBEBUILDER_ASSETS a folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kwok, and "
        "the manifests in its folder `manifests`"
    )
