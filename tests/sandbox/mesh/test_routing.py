import time

import pytest

from sandbox.mesh.upstream_http import Behaviour
from tests.sandbox.mesh.manifests import UNADOPTED, destination_rule, split, virtual_service
from tests.sandbox.mesh.small_mesh import CHECKOUT, SmallMesh


async def test_five_percent_is_five_percent_in_envoys_own_counters(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=95, canary=5))
    await mesh.send(8000)
    counted = await mesh.metrics("istio_requests_total")
    assert set(counted) == {("checkout", "v1.2.9", "200"), ("checkout-canary", "v1.3.0", "200")}
    assert sum(counted.values()) == 8000
    assert counted["checkout-canary", "v1.3.0", "200"] / 8000 == pytest.approx(0.05, abs=0.01)
    assert mesh.load.failed == 0


async def test_a_header_match_sends_its_requests_alone_to_the_canary(mesh: SmallMesh) -> None:
    premium = {"match": [{"headers": {"x-user-tier": {"exact": "premium"}}}], **split(canary=1)}
    beta = {
        "match": [{"headers": {"cookie": {"regex": ".*beta=[0-9]+.*"}}, "uri": {"prefix": "/"}}],
        **split(canary=1),
    }
    await mesh.adopted(premium, beta, split(stable=100, canary=0))
    assert await mesh.send(20, x_user_tier="premium") == {(200, "v1.3.0"): 20}
    assert await mesh.send(20, cookie="a=1; beta=7") == {(200, "v1.3.0"): 20}
    assert await mesh.send(20, cookie="a=1; beta=x") == {(200, "v1.2.9"): 20}
    assert await mesh.send(20) == {(200, "v1.2.9"): 20}


async def test_a_subset_that_does_not_exist_answers_503_for_its_share_and_belongs_to_no_workload(
    mesh: SmallMesh,
) -> None:
    await mesh.adopted(split(stable=50, nowhere=50))
    found = await mesh.send(400)
    assert set(found) == {(200, "v1.2.9"), (503, "")}
    assert found[503, ""] == pytest.approx(200, abs=60)
    assert set(await mesh.metrics("istio_requests_total")) == {("checkout", "v1.2.9", "200")}


async def test_a_subset_without_a_ready_pod_answers_503_to_all(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=100))
    await mesh.deploy("checkout", "v1.2.9", track="stable", replicas=0)
    assert await mesh.send(10) == {(503, ""): 10}


async def test_a_service_without_subsets_is_split_by_pods_and_still_counted_by_workload(
    mesh: SmallMesh,
) -> None:
    await mesh.deploy("checkout", "v1.2.9", replicas=3)
    await mesh.deploy("checkout-canary", "v1.3.0")
    await mesh.route(UNADOPTED)
    await mesh.send(400)
    counted = await mesh.metrics("istio_requests_total")
    assert set(counted) == {("checkout", "v1.2.9", "200"), ("checkout-canary", "v1.3.0", "200")}
    assert counted["checkout-canary", "v1.3.0", "200"] == pytest.approx(100, abs=50)


async def test_weights_of_nothing_are_refused_by_envoy_and_the_old_ones_stay(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=0, canary=7))
    before = await mesh.routes()
    await mesh.route(split(stable=0, canary=0))
    await mesh.deploy("checkout", "v1.2.9", track="stable", replicas=2)
    assert mesh.envoy.refused == {"cds": 0, "rds": 1}
    assert await mesh.routes() == before
    assert await mesh.send(20) == {(200, "v1.3.0"): 20}
    assert await mesh.metrics("pilot_total_xds_rejects") == {("cds",): 0, ("rds",): 1}
    await mesh.route(split(stable=1, canary=0))
    assert await mesh.send(20) == {(200, "v1.2.9"): 20}


async def test_a_field_the_mesh_does_not_know_is_not_half_obeyed(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    fault = {"abort": {"httpStatus": 500, "percentage": {"value": 100}}}
    await mesh.route({**split(stable=0, canary=1), "fault": fault})
    assert mesh.controller.unsupported == {CHECKOUT: ["spec.http[0].fault"]}
    assert await mesh.send(20) == {(200, "v1.2.9"): 20}
    await mesh.route(split(stable=0, canary=1))
    assert mesh.controller.unsupported == {}


async def test_a_timeout_ends_a_slow_request_with_504_counted_at_its_workload(mesh: SmallMesh) -> None:
    await mesh.adopted({**split(stable=1, canary=0), "timeout": "20ms"})
    await mesh.fleet.behave("checkout", "v1.2.9", Behaviour(latency_ms=5000))
    assert await mesh.send(2) == {(504, ""): 2}
    assert await mesh.metrics("istio_requests_total") == {("checkout", "v1.2.9", "504"): 2}


async def test_a_mirror_gets_a_copy_and_the_client_only_the_first_answer(mesh: SmallMesh) -> None:
    await mesh.adopted({**split(stable=1, canary=0), "mirror": {"host": "checkout", "subset": "canary"}})
    assert await mesh.send(20) == {(200, "v1.2.9"): 20}
    mirrored = (await mesh.metrics("istio_requests_total")).get(("checkout-canary", "v1.3.0", "200"), 0)
    # The last copies may still be under way.
    assert 10 <= mirrored <= 20


async def test_a_pod_that_refuses_connections_is_hidden_by_the_default_retry(mesh: SmallMesh) -> None:
    await mesh.deploy("checkout", "v1.2.9", replicas=2)
    # One socket closes behind the mesh's back, as when a process has died and nobody knows yet.
    await next(iter(mesh.fleet._pods.values())).close()
    assert await mesh.send(60) == {(200, "v1.2.9"): 60}


async def test_a_changed_weight_is_live_at_once(mesh: SmallMesh, capsys: pytest.CaptureFixture[str]) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    took = []
    for index in range(20):
        wanted = "v1.2.9" if index % 2 else "v1.3.0"
        started = time.perf_counter()
        mesh.put(virtual_service(split(stable=index % 2, canary=1 - index % 2)))
        while (await mesh.load.send(CHECKOUT)).version != wanted:
            pass
        took.append((time.perf_counter() - started) * 1000)
    median, worst = sorted(took)[len(took) // 2], max(took)
    with capsys.disabled():
        print(f"\nwritten to live: median {median:.1f} ms, max {worst:.1f} ms ", end="")  # noqa: T201  a figure to look at, not to assert
    assert mesh.load.failed == 0


async def test_a_rule_that_names_subsets_changes_nothing_before_a_route_names_them(mesh: SmallMesh) -> None:
    await mesh.deploy("checkout", "v1.2.9", track="stable")
    await mesh.route(UNADOPTED)
    before = await mesh.routes()
    await mesh.write(destination_rule("stable", "canary"))
    assert await mesh.send(20) == {(200, "v1.2.9"): 20}
    assert await mesh.routes() == before
