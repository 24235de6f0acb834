"""Label and field selectors, as `kubectl -l` and `--field-selector` write them, and as specs hold them."""

import re
from collections.abc import Callable
from typing import Any

from sandbox.kube import errors
from sandbox.kube.document import Document, dig, labels_of
from sandbox.kube.resources import EVENT, POD, Resource

Match = Callable[[Document], bool]

_TERMS = re.compile(r",(?![^(]*\))")
_SET = re.compile(r"^\s*(?P<key>[^\s!=,()]+)\s+(?P<op>in|notin)\s*\((?P<values>[^()]*)\)\s*$")
_EQUALITY = re.compile(r"^\s*(?P<key>[^\s!=,()]+)\s*(?P<op>==|=|!=)\s*(?P<value>[^\s!=,()]*)\s*$")
_EXISTS = re.compile(r"^\s*(?P<not>!?)\s*(?P<key>[^\s!=,()]+)\s*$")

_ANY_KIND = ("metadata.name", "metadata.namespace")
_FIELDS = {
    POD.key: ("spec.nodeName", "spec.restartPolicy", "status.phase", "status.podIP"),
    EVENT.key: (
        "involvedObject.kind",
        "involvedObject.namespace",
        "involvedObject.name",
        "involvedObject.uid",
        "involvedObject.apiVersion",
        "involvedObject.resourceVersion",
        "involvedObject.fieldPath",
        "reason",
        "source",
        "type",
    ),
}


def label_selector(text: str) -> Match:
    """A predicate over objects; an empty text matches all. 400 where the text cannot be read."""
    terms = [_label_term(term) for term in _TERMS.split(text)] if text.strip() else []

    def match(document: Document) -> bool:
        labels = labels_of(document)
        return all(term(labels) for term in terms)

    return match


def _label_term(text: str) -> Callable[[dict[str, str]], bool]:
    if found := _SET.match(text):
        key, values = found["key"], {value.strip() for value in found["values"].split(",")}
        if found["op"] == "in":
            return lambda labels: labels.get(key) in values
        return lambda labels: labels.get(key) not in values
    if found := _EQUALITY.match(text):
        key, value = found["key"], found["value"]
        if found["op"] == "!=":
            return lambda labels: labels.get(key) != value
        return lambda labels: labels.get(key) == value
    if found := _EXISTS.match(text):
        key, present = found["key"], not found["not"]
        return lambda labels: (key in labels) is present
    raise errors.bad_request(f"unable to parse requirement: found {text.strip()!r}")


def field_selector(text: str, resource: Resource) -> Match:
    """A predicate over objects of this kind; 400 for a field it cannot be selected by."""
    terms = [_field_term(term, resource) for term in text.split(",") if term.strip()]
    return lambda document: all(term(document) for term in terms)


def _field_term(text: str, resource: Resource) -> Match:
    found = _EQUALITY.match(text)
    if not found:
        raise errors.bad_request(f"invalid selector: {text!r}; can't understand {text!r}")
    path, value, wanted = found["key"], found["value"], found["op"] != "!="
    if path not in _ANY_KIND + _FIELDS.get(resource.key, ()):
        raise errors.bad_request(f'field label not supported: "{path}"')
    steps = ("source", "component") if path == "source" else path.split(".")
    return lambda document: (str(dig(document, *steps, default="")) == value) is wanted


def spec_selector(selector: dict[str, Any]) -> Callable[[dict[str, str]], bool]:
    """A predicate over labels from a `LabelSelector` of a spec: `matchLabels` and `matchExpressions`."""
    terms = [_spec_term(expression) for expression in selector.get("matchExpressions", ())]
    wanted = selector.get("matchLabels", {}).items()
    return lambda labels: wanted <= labels.items() and all(term(labels) for term in terms)


def _spec_term(expression: Document) -> Callable[[dict[str, str]], bool]:
    key, values = expression["key"], set(expression.get("values", ()))
    match expression["operator"]:
        case "In":
            return lambda labels: labels.get(key) in values
        case "NotIn":
            return lambda labels: labels.get(key) not in values
        case "Exists":
            return lambda labels: key in labels
        case "DoesNotExist":
            return lambda labels: key not in labels
        case operator:
            raise errors.bad_request(f'"{operator}" is not a valid label selector operator')


def selector_text(selector: dict[str, Any]) -> str:
    """A `LabelSelector` in the form `kubectl -l` takes, as `Scale` and tables show it."""
    terms = [f"{key}={value}" for key, value in sorted(selector.get("matchLabels", {}).items())]
    for expression in selector.get("matchExpressions", ()):
        values = ",".join(expression.get("values", ()))
        shapes = {
            "Exists": "{key}",
            "DoesNotExist": "!{key}",
            "In": "{key} in ({v})",
            "NotIn": "{key} notin ({v})",
        }
        terms.append(shapes[expression["operator"]].format(key=expression["key"], v=values))
    return ",".join(terms)
