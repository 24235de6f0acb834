import asyncio

from tests.sandbox.mesh.manifests import UNADOPTED, destination_rule, split, virtual_service
from tests.sandbox.mesh.small_mesh import CHECKOUT, SmallMesh

_RATE = 400


async def test_fifty_flips_of_the_weights_under_load_lose_no_request(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    mesh.load.drive(CHECKOUT, _RATE)
    for index in range(50):
        await mesh.route(split(stable=index % 2, canary=1 - index % 2))
        await mesh.send(4)
    assert {version for _, version, _ in mesh.load.counts} == {"v1.2.9", "v1.3.0"}
    assert mesh.load.failed == 0


async def test_a_rolling_update_under_load_loses_no_request(mesh: SmallMesh) -> None:
    await mesh.deploy("checkout", "v1.2.9", replicas=3)
    await mesh.route(UNADOPTED)
    mesh.load.drive(CHECKOUT, _RATE)
    await mesh.send(40)
    await mesh.deploy("checkout", "v1.3.0", replicas=3)
    assert await mesh.send(40) == {(200, "v1.3.0"): 40}
    assert mesh.load.failed == 0


async def test_a_whole_release_under_load_from_adoption_to_the_canarys_end_loses_no_request(
    mesh: SmallMesh,
) -> None:
    await mesh.deploy("checkout", "v1.2.9", replicas=2)
    await mesh.route(UNADOPTED)
    mesh.load.drive(CHECKOUT, _RATE)
    await mesh.deploy("checkout", "v1.2.9", track="stable", replicas=2)
    await mesh.write(destination_rule("stable", "canary"))
    await mesh.route(split(stable=100, canary=0))
    await mesh.deploy("checkout-canary", "v1.3.0", track="canary", replicas=2)
    assert await mesh.send(100) == {(200, "v1.2.9"): 100}
    await mesh.route(split(stable=50, canary=50))
    assert set(await mesh.send(100)) == {(200, "v1.2.9"), (200, "v1.3.0")}
    await mesh.route(split(stable=0, canary=100))
    await mesh.deploy("checkout", "v1.3.0", track="stable", replicas=2)
    await mesh.route(split(stable=100, canary=0))
    await mesh.deploy("checkout-canary", "v1.3.0", track="canary", replicas=0)
    assert await mesh.send(100) == {(200, "v1.3.0"): 100}
    assert mesh.load.failed == 0


async def test_many_writes_at_once_end_in_the_last_one(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    mesh.load.drive(CHECKOUT, _RATE)
    for weight in range(1, 200):
        mesh.put(virtual_service(split(stable=weight, canary=200 - weight)))
        await asyncio.sleep(0)
    await mesh.route(split(stable=0, canary=1))
    assert await mesh.send(40) == {(200, "v1.3.0"): 40}
    assert mesh.load.failed == 0
