"""Which container of a pod template is the service's, and the template with another image in it."""

from typing import Never

from adapters.kubernetes.marks import TRACK
from adapters.kubernetes.resources import Object
from bot.config.catalogue import Service
from bot.errors import ReasonCode, refuse

VERSION = "version"
"""The label of Istio's and Kubernetes' own examples; replaced where a template has it, never added."""


def repository(image: str) -> str:
    """An image reference without tag and digest."""
    path = image.partition("@")[0]
    parent, slash, last = path.rpartition("/")
    return parent + slash + last.partition(":")[0]


def container_of(service: Service, template: Object) -> Object:
    """The service's container: the one named in the catalogue, else the one with its image, else the only one.

    It alone gets a new image. An init container that has the service's image too would stay behind unasked: then, as wherever it is
    not clear, the catalogue has to name one. Raises `Refused` naming the choices.
    """
    containers: list[Object] = template["spec"]["containers"]
    if service.container is not None:
        chosen = [one for one in containers if one["name"] == service.container]
        return chosen[0] if chosen else _unclear(service, containers)
    carrying = [one for one in containers if repository(one["image"]) == service.image]
    first = [
        one
        for one in template["spec"].get("initContainers") or ()
        if repository(one["image"]) == service.image
    ]
    chosen = carrying or (containers if len(containers) == 1 else [])
    if len(chosen) == 1 and not first:
        return chosen[0]
    return _unclear(service, [*containers, *first])


def _unclear(service: Service, containers: list[Object]) -> Never:
    names = ", ".join(one["name"] for one in containers)
    raise refuse(
        ReasonCode.NOT_READY,
        f"it is not clear which container of Deployment {service.namespace}/{service.deployment} is {service.name}'s: "
        f"there are {names}",
        f"Set `container:` of {service.name} in the catalogue to one of them; no other gets the new image.",
    )


def with_image(service: Service, template: Object, image: str, version: str, *, track: str | None) -> Object:
    """The template with another image, its `version` label where it has one, and a track where one is given."""
    name = container_of(service, template)["name"]
    containers = [
        {**one, "image": image} if one["name"] == name else one for one in template["spec"]["containers"]
    ]
    labels = labels_of(template)
    if VERSION in labels:
        labels[VERSION] = version
    if track:
        labels[TRACK] = track
    return {
        **template,
        "metadata": {**template.get("metadata", {}), "labels": labels},
        "spec": {**template["spec"], "containers": containers},
    }


def labels_of(template: Object) -> dict[str, str]:
    """A copy of the labels of a template."""
    return dict(template.get("metadata", {}).get("labels") or {})
