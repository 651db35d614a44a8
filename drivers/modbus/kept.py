"""A property that is computed once."""

from collections.abc import Callable
from typing import Any, Generic, Self, TypeVar, overload

_Value = TypeVar("_Value")


class kept(Generic[_Value]):  # noqa: N801 - it is written where `property` would be
    """Computed when it is first asked for, and kept with its object.

    Why not functools.cached_property? Before Python 3.12 it takes a lock, which costs more than most of what
    is computed here. Two threads that ask at once may compute the same value twice, and nothing more.
    """

    def __init__(self, compute: Callable[[Any], _Value]) -> None:
        """Keep how it is computed."""
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, instance: None, owner: type) -> Self: ...
    @overload
    def __get__(self, instance: object, owner: type) -> _Value: ...
    def __get__(self, instance: object | None, owner: type) -> Self | _Value:
        """Return the value; from then on it is found in the object itself, and nobody comes here."""
        if instance is None:
            return self
        value = instance.__dict__[self._name] = self._compute(instance)
        return value
