"""A share of traffic."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, ClassVar, Final, Self

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, core_schema

EXAMPLE: Final = "5%"
_WHOLE: Final = 10_000
# Digits are spelt out: \d would take full-width and Arabic ones as well.
_SHAPE = re.compile(r"([0-9]{1,3}(?:\.[0-9]{1,2})?)%?")
_PLAIN = re.compile(r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]{1,3})?")
_TOO_FINE = re.compile(r"[0-9]+\.[0-9]{3,}%?")
_NUMBER = re.compile(r"[+-]?[0-9]+(?:\.[0-9]*)?%?")
# An int stays one in JSON: 5, not 5.0.
_NUMBER_SCHEMA: Final = core_schema.union_schema([core_schema.int_schema(), core_schema.float_schema()])


class BadWeight(ValueError):  # noqa: N818 - the house names an error by what is wrong
    """The text or number is no share of traffic; the error's text says why, with an example."""


@dataclass(frozen=True, slots=True, order=True)
class Weight:
    """A share of traffic, 0 to 100 percent in steps of 0.01 percent, kept as basis points (5 % is 500).

    In JSON and in pydantic models it is the number of percent: `5`, `0.5`.
    """

    basis_points: int

    ZERO: ClassVar["Weight"]
    FULL: ClassVar["Weight"]

    def __post_init__(self) -> None:
        if not 0 <= self.basis_points <= _WHOLE:
            raise BadWeight(f"a share of traffic is between 0 and 100 percent, such as {EXAMPLE}")

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a stage's weight as typed: `5%`, `0.5%`, `5`; BadWeight at 0, over 100, at three decimals."""
        found = _SHAPE.fullmatch(text)
        if found is None or not 0 < Decimal(found[1]) <= 100:  # noqa: PLR2004 - percent
            raise BadWeight(f'"{text[:20]}" {_why_refused(text)}, such as {EXAMPLE} or 0.5%')
        return cls.of(found[1])

    @classmethod
    def of(cls, percent: Decimal | float | str) -> Self:
        """Take a number of percent, 0 and 100 included; BadWeight beyond, or with more than two decimals."""
        text = str(percent)
        exact = Decimal(text) if _PLAIN.fullmatch(text) else Decimal("NaN")
        if exact.is_nan() or not 0 <= exact <= Decimal(_WHOLE) / 100:
            raise BadWeight(f"{text[:20]} is not a share of traffic: 0 to 100 percent, such as 5 or 0.5")
        if exact != round(exact, 2):
            raise BadWeight(
                f"{text[:20]} is too fine: a share of traffic has at most two decimals, such as 0.25"
            )
        return cls(int(exact * 100))

    @property
    def percent(self) -> Decimal:
        """Percent, exact: 0.5 for 0.5 %."""
        return Decimal(self.basis_points) / 100

    @property
    def number(self) -> int | float:
        """Percent as a JSON number, whole where it can be: 5, 0.5."""
        whole, rest = divmod(self.basis_points, 100)
        return self.basis_points / 100 if rest else whole

    @property
    def share(self) -> float:
        """The fraction of all requests, 0 to 1."""
        return self.basis_points / _WHOLE

    @property
    def rest(self) -> "Weight":
        """What is left for the other track."""
        return Weight(_WHOLE - self.basis_points)

    def __str__(self) -> str:
        return f"{self.number} %"

    @classmethod
    def __get_pydantic_core_schema__(cls, _source: type[Any], _handler: GetCoreSchemaHandler) -> CoreSchema:
        """Be a number of percent in JSON, a Weight in Python."""
        return core_schema.no_info_plain_validator_function(
            cls._from_stored,
            json_schema_input_schema=core_schema.float_schema(ge=0, le=_WHOLE / 100),
            serialization=core_schema.plain_serializer_function_ser_schema(
                lambda weight: weight.number, return_schema=_NUMBER_SCHEMA
            ),
        )

    @classmethod
    def _from_stored(cls, value: object) -> Self:
        if isinstance(value, cls):
            return value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise BadWeight(f"a share of traffic is a number of percent such as 5 or 0.5, not {value!r:.20}")
        return cls.of(value)


Weight.ZERO = Weight(0)
Weight.FULL = Weight(_WHOLE)


def _why_refused(text: str) -> str:
    """Say in half a sentence what a typed weight lacks."""
    if _TOO_FINE.fullmatch(text):
        return "is too fine: a share of traffic has at most two decimals"
    if _NUMBER.fullmatch(text):
        return "is out of range: a share of traffic is more than 0% and at most 100%"
    return "is not a share of traffic in plain digits with at most two decimals"
