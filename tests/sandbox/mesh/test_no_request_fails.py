import asyncio

from tests.sandbox.mesh.small_kube import destination_rule, service, split, virtual_service
from tests.sandbox.mesh.small_mesh import CHECKOUT, SmallMesh

_RATE = 400


async def test_fifty_flips_of_the_weights_under_load_lose_no_request(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    mesh.load.drive(CHECKOUT, _RATE)
    for index in range(50):
        await mesh.route(split(stable=index % 2, canary=1 - index % 2))
        await mesh.send(4)
    mesh.load.drive(CHECKOUT, 0)
    versions = {version for _, version, _ in mesh.load.counts}
    assert versions == {"v1.2.9", "v1.3.0"}
    assert mesh.load.failed == 0


async def test_pods_replaced_one_by_one_under_load_lose_no_request(mesh: SmallMesh) -> None:
    await mesh.write(service())
    await mesh.run_pod("old-0", "checkout", "v1.2.9")
    await mesh.run_pod("old-1", "checkout", "v1.2.9")
    await mesh.route({"route": [{"destination": {"host": "checkout"}}]})
    mesh.load.drive(CHECKOUT, _RATE)
    for index in range(2):
        await mesh.run_pod(f"new-{index}", "checkout", "v1.3.0")
        await mesh.stop_pod(f"old-{index}")
    assert await mesh.send(40) == {(200, "v1.3.0"): 40}
    assert mesh.load.failed == 0


async def test_adoption_under_load_loses_no_request(mesh: SmallMesh) -> None:
    await mesh.write(service())
    await mesh.run_pod("old-0", "checkout", "v1.2.9")
    await mesh.route({"route": [{"destination": {"host": "checkout"}}]})
    mesh.load.drive(CHECKOUT, _RATE)
    await mesh.run_pod("tracked-0", "checkout", "v1.2.9", "stable")
    await mesh.stop_pod("old-0")
    mesh.kube.put(destination_rule("stable", "canary"))
    await mesh.route(split(stable=100, canary=0))
    await mesh.run_pod("canary-0", "checkout-canary", "v1.3.0", "canary")
    assert await mesh.send(100) == {(200, "v1.2.9"): 100}
    await mesh.route(split(stable=0, canary=100))
    assert await mesh.send(100) == {(200, "v1.3.0"): 100}
    await mesh.stop_pod("tracked-0")
    assert mesh.load.failed == 0


async def test_many_writes_at_once_end_in_the_last_one(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    mesh.load.drive(CHECKOUT, _RATE)
    for weight in range(1, 200):
        mesh.kube.put(virtual_service(split(stable=weight, canary=200 - weight)))
        await asyncio.sleep(0)
    await mesh.route(split(stable=0, canary=1))
    assert await mesh.send(40) == {(200, "v1.3.0"): 40}
    assert mesh.load.failed == 0
