"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations


class WorkRefused(ValueError):
    """Says why, in the language of whoever asked, and that nothing was written."""


class Moved(WorkRefused):
    """The customer has another custodian by now: the record waits in a conflict (`conflict_id`) for a person."""

    def __init__(self, words: str, conflict_id: int) -> None:
        super().__init__(words)
        self.conflict_id = conflict_id
