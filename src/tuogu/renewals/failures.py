"""Refusals of this room: whole acts that cannot be done; nothing was written."""

from __future__ import annotations

from django.utils.translation import gettext as _


class RenewalRefused(ValueError):
    """Says why, in the language of whoever asked, and that nothing was written."""


class RenewalUnknown(LookupError):
    """No policy, list or register has this id within the scope."""


def refused(words: str) -> RenewalRefused:
    """A refusal that ends as every refusal does."""
    return RenewalRefused(_("%(why)s；没有写入任何数据") % {"why": words})
