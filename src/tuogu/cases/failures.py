"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations

from django.utils.translation import gettext as _


class CaseRefused(ValueError):
    """Says why, in the language of whoever asked, and that nothing was written."""


class CaseUnknown(LookupError):
    """No case or receipt has this id within the scope."""


def refused(words: str) -> CaseRefused:
    """A refusal that ends as every refusal does."""
    return CaseRefused(_("%(why)s；没有写入任何数据") % {"why": words})
