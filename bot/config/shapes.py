"""Text of a given shape, which a refusal describes in words, not as a pattern."""

import re
from dataclasses import dataclass
from typing import Annotated, Any, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import CoreSchema, core_schema

DNS_LABEL: Final = r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?"


@dataclass(frozen=True, slots=True)
class Shape:
    """Annotates a str: the whole of it matches `pattern` (a regular expression without anchors)."""

    pattern: str
    expected: str

    def __get_pydantic_core_schema__(self, source: type[Any], handler: GetCoreSchemaHandler) -> CoreSchema:
        """Check before pydantic does, so that something other than text gets the same answer."""
        return core_schema.no_info_before_validator_function(self._checked, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        """Say the same to editors."""
        return handler(schema) | {"pattern": f"^(?:{self.pattern})$", "description": self.expected}

    def _checked(self, value: object) -> str:
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value, re.ASCII):
            raise ValueError(f"expected {self.expected}")
        return value


DnsName = Annotated[
    str,
    Shape(DNS_LABEL, "a name of lower-case letters, digits and -, at most 63"),
]
"""A DNS-1123 label: namespaces, Services, containers, our own names."""

ObjectName = Annotated[
    str,
    Shape(
        r"(?=.{1,240}$)[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*",
        "an object's name of lower-case letters, digits, - and .",
    ),
]
"""A DNS-1123 subdomain, short enough to have `-canary` put behind it."""

ImageName = Annotated[
    str,
    Shape(
        r"(?=.{1,255}$)([a-z0-9][a-zA-Z0-9.-]*(:[0-9]{1,5})?/)?[a-z0-9][a-z0-9._-]*(/[a-z0-9][a-z0-9._-]*)*",
        "an image's name without tag or digest, such as registry.example/shop/checkout",
    ),
]

Channel = Annotated[
    str,
    Shape(
        r"#[^\s#@,<>&A-Z]{1,80}|[CG][A-Z0-9]{2,20}",
        'a channel such as "#shop-releases" (in quotes: # begins a comment) or C0123ABCD',
    ),
]

GroupHandle = Annotated[str, Shape(r"@[\w.-]{1,80}", 'a user group such as "@shop-leads" (in quotes)')]

AlertLabel = Annotated[str, Shape(r"[a-zA-Z_][a-zA-Z0-9_]{0,62}", "the name of a label of alerts")]
