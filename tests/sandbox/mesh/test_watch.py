from sandbox.kube import Interference
from tests.sandbox.mesh.manifests import split, virtual_service
from tests.sandbox.mesh.small_mesh import SmallMesh
from tests.support.until import until


async def test_a_watch_that_ends_is_taken_up_where_it_ended(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    mesh.kube.watches.drop()
    await mesh.route(split(stable=0, canary=1))
    assert await mesh.send(20) == {(200, "v1.3.0"): 20}


async def test_a_version_that_is_gone_is_listed_again(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    away = mesh.kube.interferences.add(Interference(times=0, status=503))
    mesh.kube.watches.drop()
    await until(lambda: mesh.kube.watches.count == 0)
    mesh.put(virtual_service(split(stable=0, canary=1)))
    mesh.kube.store.compact()
    mesh.kube.interferences.lift(away)
    await mesh.settled()
    assert await mesh.send(20) == {(200, "v1.3.0"): 20}


async def test_while_the_api_is_away_the_routes_stay_and_then_catch_up(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    away = mesh.kube.interferences.add(Interference(times=0, status=503))
    mesh.kube.watches.drop()
    await until(lambda: mesh.kube.watches.count == 0)
    mesh.put(virtual_service(split(stable=0, canary=1)))
    assert await mesh.send(20) == {(200, "v1.2.9"): 20}
    mesh.kube.interferences.lift(away)
    await mesh.settled()
    assert await mesh.send(20) == {(200, "v1.3.0"): 20}


async def test_a_deleted_route_leaves_the_service_to_all_its_pods(mesh: SmallMesh) -> None:
    await mesh.adopted(split(stable=1, canary=0))
    await mesh.delete_route()
    assert set(await mesh.send(80)) == {(200, "v1.2.9"), (200, "v1.3.0")}
