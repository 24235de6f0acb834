"""Binary operators between scalars and vectors, matched one to one."""

import math
import operator
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Self

from promql_parser import BinaryExpr, LabelModifierType, VectorMatchCardinality

from sandbox.prometheus.errors import ExecutionError
from sandbox.prometheus.store import NAME, Labels
from sandbox.prometheus.vectors import Key, Sample, Value, Vector, distinct, key, nameless, only, without

_SETS = ("and", "or", "unless")


def divide(left: float, right: float) -> float:
    """As IEEE has it: no error, but an infinity or NaN."""
    if right != 0:
        return left / right
    return (
        math.nan if left == 0 or math.isnan(left) else math.copysign(math.inf, left) * math.copysign(1, right)
    )


_ARITHMETIC: dict[str, Callable[[float, float], float]] = {
    "+": operator.add,
    "-": operator.sub,
    "*": operator.mul,
    "/": divide,
}
_COMPARISON: dict[str, Callable[[float, float], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    ">": operator.gt,
    "<": operator.lt,
    ">=": operator.ge,
    "<=": operator.le,
}


@dataclass(frozen=True, slots=True)
class Operation:
    """A binary operator with its modifiers: elements match on `labels`, or on all others where `on` is False."""

    operator: str
    bool_result: bool
    on: bool
    labels: tuple[str, ...]

    @classmethod
    def of(cls, expression: BinaryExpr) -> Self:
        """Read it off the parsed expression. Raises `ExecutionError` for what is not supported."""
        name, modifier = str(expression.op), expression.modifier
        if name not in {*_ARITHMETIC, *_COMPARISON, *_SETS}:
            raise ExecutionError(f"operator {name!r} is not supported here")
        if modifier is None:
            return cls(name, bool_result=False, on=False, labels=())
        if modifier.card in (VectorMatchCardinality.ManyToOne, VectorMatchCardinality.OneToMany):
            raise ExecutionError("group_left and group_right are not supported here")
        if modifier.fill_values.lhs is not None or modifier.fill_values.rhs is not None:
            raise ExecutionError("fill modifiers are not supported here")
        matching = modifier.matching
        return cls(
            name,
            bool_result=modifier.return_bool,
            on=matching is not None and matching.type == LabelModifierType.Include,
            labels=tuple(matching.labels) if matching else (),
        )

    def apply(self, left: Value, right: Value, at: int) -> float | Vector:
        """Combine two values. Raises `ExecutionError` where vectors do not match one to one."""
        match left, right:
            case float(), float():
                return self._scalar(left, right)
            case list(), list():
                return self._sets(left, right) if self.operator in _SETS else self._vectors(left, right, at)
            case list(), float():
                return distinct(
                    [kept for each in left for kept in self._element(each, each.value, right, at)]
                )
            case float(), list():
                return distinct(
                    [kept for each in right for kept in self._element(each, left, each.value, at)]
                )
            case _:
                raise ExecutionError(f"operator {self.operator!r} cannot take these operands")

    def _scalar(self, left: float, right: float) -> float:
        """The result of arithmetic; of a comparison 1 or 0."""
        if compare := _COMPARISON.get(self.operator):
            return float(compare(left, right))
        return _ARITHMETIC[self.operator](left, right)

    @property
    def _filters(self) -> bool:
        """Whether it lets elements through unchanged, or not at all."""
        return self.operator in _COMPARISON and not self.bool_result

    def _element(self, element: Sample, left: float, right: float, at: int) -> Vector:
        """An element combined with a scalar: one element, or none when a comparison filters it out."""
        value = self._scalar(left, right)
        if self._filters:
            return [replace(element, time=at)] if value else []
        return [Sample(nameless(element.labels), value, at)]

    def _vectors(self, left: Vector, right: Vector, at: int) -> Vector:
        others: dict[Key, Sample] = {}
        for each in right:
            if others.setdefault(self._signature(each.labels), each) is not each:
                raise ExecutionError(
                    "found duplicate series for the match group on the right hand-side of the operation;"
                    "many-to-many matching not allowed: matching labels must be unique on one side"
                )
        used: set[Key] = set()
        found = []
        for each in left:
            signature = self._signature(each.labels)
            if signature not in others:
                continue
            pair = self._pair(each, others[signature], at)
            if pair and signature in used:
                raise ExecutionError("multiple matches for labels: many-to-one matching must be explicit")
            used |= {signature} if pair else set()
            found += pair
        return distinct(found)

    def _pair(self, left: Sample, right: Sample, at: int) -> Vector:
        value = self._scalar(left.value, right.value)
        labels = only(left.labels, self.labels) if self.on else without(left.labels, *self.labels)
        if self._filters:
            return [Sample(labels, left.value, at)] if value else []
        return [Sample(nameless(labels), value, at)]

    def _sets(self, left: Vector, right: Vector) -> Vector:
        lefts = {self._signature(each.labels) for each in left}
        rights = {self._signature(each.labels) for each in right}
        if self.operator == "or":
            return distinct(left + [each for each in right if self._signature(each.labels) not in lefts])
        keep_matched = self.operator == "and"
        return [each for each in left if (self._signature(each.labels) in rights) == keep_matched]

    def _signature(self, labels: Labels) -> Key:
        return key(only(labels, self.labels) if self.on else without(labels, NAME, *self.labels))
