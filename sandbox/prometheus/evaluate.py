"""PromQL: parse an expression and evaluate it at one moment."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import promql_parser as promql

from sandbox.prometheus.aggregation import aggregate
from sandbox.prometheus.errors import ExecutionError, UnreadableError
from sandbox.prometheus.matching import selector
from sandbox.prometheus.operators import Operation
from sandbox.prometheus.quantiles import histogram_quantile
from sandbox.prometheus.rates import RANGE_FUNCTIONS, over_range
from sandbox.prometheus.store import Store
from sandbox.prometheus.vectors import Sample, Value, Vector, Window, distinct, nameless


def _clamp(better: Callable[[float, float], float], value: float, bound: float) -> float:
    return math.nan if math.isnan(value) or math.isnan(bound) else better(value, bound)


_CLAMPS: dict[str, Callable[[float, float], float]] = {
    "clamp_min": partial(_clamp, max),
    "clamp_max": partial(_clamp, min),
}


def parse(query: str) -> promql.Expr:
    """Read an expression. Raises `UnreadableError` with the parser's own words."""
    try:
        return promql.parse(query)
    except ValueError as error:
        raise UnreadableError(f'invalid parameter "query": {error}') from error


def evaluate(expression: promql.Expr, store: Store, at: int) -> Value:
    """Evaluate at `at` (ms since 1970). Raises `ExecutionError`, also for everything that is not supported."""
    return _Evaluation(store, at).value(expression)


@dataclass(frozen=True, slots=True)
class _Evaluation:
    """One pass over an expression at one moment."""

    store: Store
    at: int

    def value(self, expression: Any) -> Value:
        match expression:
            case promql.NumberLiteral():
                return float(expression.val)
            case promql.ParenExpr():
                return self.value(expression.expr)
            case promql.UnaryExpr():
                return self._negated(expression.expr)
            case promql.VectorSelector():
                return [Sample(each.labels, each.value, self.at) for each in self._latest(expression)]
            case promql.MatrixSelector():
                return self._window(expression)
            case promql.Call():
                return self._call(expression)
            case promql.AggregateExpr():
                if expression.param is not None:
                    raise ExecutionError(f"aggregation {str(expression.op)!r} is not supported here")
                return aggregate(
                    str(expression.op), expression.modifier, self._vector(expression.expr), self.at
                )
            case promql.BinaryExpr():
                operation = Operation.of(expression)
                return operation.apply(self.value(expression.lhs), self.value(expression.rhs), self.at)
            case _:
                raise ExecutionError(f"{type(expression).__name__} is not supported here")

    def _call(self, call: promql.Call) -> Value:
        name, arguments = call.func.name, call.args
        if name in RANGE_FUNCTIONS:
            return over_range(name, self._range(arguments[0]), self.at)
        if name in _CLAMPS:
            return self._clamped(_CLAMPS[name], *arguments)
        match name:
            case "time":
                return self.at / 1000
            case "vector":
                return [Sample({}, self._scalar(arguments[0]), self.at)]
            case "timestamp":
                return self._timestamps(arguments[0])
            case "histogram_quantile":
                return histogram_quantile(self._scalar(arguments[0]), self._vector(arguments[1]), self.at)
            case _:
                raise ExecutionError(f"function {name!r} is not supported here")

    def _clamped(self, clamp: Callable[[float, float], float], vector: Any, limit: Any) -> Vector:
        bound = self._scalar(limit)
        found = self._vector(vector)
        return distinct([Sample(nameless(each.labels), clamp(each.value, bound), self.at) for each in found])

    def _timestamps(self, argument: Any) -> Vector:
        """Times of the samples themselves where a selector is asked, else the moment of evaluation."""
        while isinstance(argument, promql.ParenExpr):
            argument = argument.expr
        selected = isinstance(argument, promql.VectorSelector)
        found = self._latest(argument) if selected else self._vector(argument)
        return distinct([Sample(nameless(each.labels), each.time / 1000, self.at) for each in found])

    def _negated(self, argument: Any) -> Value:
        value = self.value(argument)
        if isinstance(value, float):
            return -value
        if isinstance(value, Window):
            raise ExecutionError("unary minus cannot take a range of samples")
        return distinct([Sample(nameless(each.labels), -each.value, self.at) for each in value])

    def _latest(self, expression: promql.VectorSelector) -> Vector:
        moment = self.at - _offset(expression)
        found = [(series, series.latest(moment)) for series in self.store.select(selector(expression))]
        return [Sample(series.labels, last[1], last[0]) for series, last in found if last]

    def _window(self, expression: promql.MatrixSelector) -> Window:
        end = self.at - _offset(expression.vector_selector)
        series = list(self.store.select(selector(expression.vector_selector)))
        return Window(series, end - _milliseconds(expression.range), end)

    def _vector(self, argument: Any) -> Vector:
        value = self.value(argument)
        if not isinstance(value, list):
            raise ExecutionError("expected an instant vector")
        return value

    def _scalar(self, argument: Any) -> float:
        value = self.value(argument)
        if not isinstance(value, float):
            raise ExecutionError("expected a scalar")
        return value

    def _range(self, argument: Any) -> Window:
        value = self.value(argument)
        if not isinstance(value, Window):
            raise ExecutionError("expected a range vector")
        return value


def _offset(expression: promql.VectorSelector) -> int:
    if expression.at is not None:
        raise ExecutionError("the @ modifier is not supported here")
    return _milliseconds(expression.offset) if expression.offset else 0


def _milliseconds(duration: timedelta) -> int:
    return round(duration / timedelta(milliseconds=1))
