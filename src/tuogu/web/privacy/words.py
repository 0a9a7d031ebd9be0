"""The words of the privacy room in the viewer's language. In: an enumeration. Out: code → word."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from tuogu.privacy.kinds import (
    REFUSABLE,
    SENSITIVE,
    Channel,
    IdentityCheck,
    LegalGround,
    Outcome,
    Purpose,
    RequestKind,
    RequestState,
    Said,
    Source,
)

_ALL: dict[str, Any] = {
    "purpose": Purpose, "channel": Channel, "said": Said, "source": Source, "kind": RequestKind,
    "state": RequestState, "outcome": Outcome, "check": IdentityCheck, "ground": LegalGround,
}  # fmt: skip


def words() -> dict[str, dict[str, str]]:
    """Every enumeration by name: code → word."""
    return {name: choices_of(one) for name, one in _ALL.items()}


def choices_of(choices: Any) -> dict[str, str]:
    """code → word."""
    return {str(code): _(str(word)) for code, word in choices.choices}


def purposes() -> dict[str, dict[str, str]]:
    """What can be refused, and what needs a consent of its own."""
    words = choices_of(Purpose)
    return {
        "refusable": {str(one): words[one] for one in REFUSABLE},
        "sensitive": {str(one): words[one] for one in SENSITIVE},
    }
