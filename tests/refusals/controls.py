"""Taking one control out of the code that reads tokens, for one test."""

import inspect
import textwrap
from collections.abc import Callable
from types import FunctionType
from typing import Any

import pytest


def out(
    monkeypatch: pytest.MonkeyPatch, function: Callable[..., Any], line: str, instead: str
) -> None:
    """`function` with that part of its source, which it has to hold just once, written otherwise.
    It stays the same function, so that whoever imported it runs what is new."""
    plain = getattr(function, "__wrapped__", function)
    if not isinstance(plain, FunctionType):
        raise TypeError(f"{function!r} is not written in Python")
    source = textwrap.dedent(inspect.getsource(plain))
    if source.count(line) != 1:
        raise ValueError(f"{plain.__qualname__} does not hold this once: {line}")
    space = dict(plain.__globals__)
    mutant = compile(source.replace(line, instead), f"<{plain.__name__}, changed>", "exec")
    exec(mutant, space)  # noqa: S102  our own source, less one control
    changed = space[plain.__name__]
    monkeypatch.setattr(plain, "__code__", getattr(changed, "__wrapped__", changed).__code__)
