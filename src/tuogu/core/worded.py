"""What core refuses in words that a face can say in another language.

In: a Chinese sentence with named parts. Out: an exception that reads so, and the same sentence by another tongue. Never: a
catalogue known here, a name translated (only the parts in `spoken` are words).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar


class Worded(ValueError):
    """A refusal; the message is Chinese. `words` with its `parts` say the same to a face that speaks another language."""

    spoken: ClassVar[frozenset[str]] = frozenset()  # parts that are words themselves

    def __init__(self, words: str, **parts: object) -> None:
        self.words, self.parts = words, parts
        super().__init__(words % parts if parts else words)

    def told(self, word: Callable[[str], str]) -> str:
        """The sentence as `word` says it in another language."""
        parts = {name: word(str(part)) if name in self.spoken else part for name, part in self.parts.items()}
        return word(self.words) % parts if parts else word(self.words)
