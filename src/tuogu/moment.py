"""One moment for as long as somebody looks: inside a block of reads the same question is asked of the database once.

In: a block of reads; functions that read. Out: the first answer, for the rest of the block; outside a block each call
reads anew. Never: around a block that writes, an answer that its callers change.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")
_answers: ContextVar[dict[Any, Any] | None] = ContextVar("answers_of_one_moment", default=None)


@contextmanager
def of_one_moment() -> Iterator[None]:
    """Inside, what is marked `once` is read once for each set of arguments."""
    token = _answers.set({})
    try:
        yield
    finally:
        _answers.reset(token)


def once(read: Callable[P, R]) -> Callable[P, R]:
    """Mark a read whose arguments can be keys and whose answer nobody changes."""

    @wraps(read)
    def asked(*args: P.args, **kwargs: P.kwargs) -> R:
        answers = _answers.get()
        if answers is None:
            return read(*args, **kwargs)
        key = (read, args, tuple(sorted(kwargs.items())))
        if key not in answers:
            answers[key] = read(*args, **kwargs)
        found: R = answers[key]
        return found

    return asked
