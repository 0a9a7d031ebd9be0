"""What goes out and what comes of it, as values."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Outgoing:
    """One message to send. `sender`: the staff number in whose name a WeCom message goes; `files`: workbooks that go with a
    mail, by their names."""

    key: str
    to: str
    title: str
    body: str
    sender: str = ""
    provider_id: str = ""
    files: tuple[tuple[str, bytes], ...] = ()


@dataclass(frozen=True)
class Outcome:
    """accepted | delivered | rejected (for good) | trouble (try again) | unsure (may have gone out) | unknown.

    `code` is a word of ours (words.TROUBLES) or the provider's own number.
    """

    state: str
    code: str = ""
    provider_id: str = ""
