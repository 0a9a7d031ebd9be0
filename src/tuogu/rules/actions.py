"""Adopts rulebooks. Never: a change to an adopted version."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from tuogu.core.rulebook import Rulebook
from tuogu.rules.content import to_content
from tuogu.rules.failures import RulesError
from tuogu.rules.models import RulebookVersion

__all__ = ["RulesError", "adopt"]


@transaction.atomic
def adopt(rulebook: Rulebook, *, by: int, at: datetime) -> int:
    """Store a version with its effective date; returns its id. The same content again changes nothing.

    RulesError when this name and version was adopted with other content or another effective date.
    """
    stored = RulebookVersion.objects.filter(name=rulebook.name, version=rulebook.version).first()
    if stored:
        if (stored.digest, stored.effective_date) != (rulebook.digest(), rulebook.effective_date):
            raise RulesError(
                f"制度 {rulebook.name} {rulebook.version} 已生效，内容不可更改；请使用新的版本号"
            )
        return int(stored.pk)
    row = RulebookVersion.objects.create(
        name=rulebook.name,
        version=rulebook.version,
        effective_date=rulebook.effective_date,
        content=to_content(rulebook),
        digest=rulebook.digest(),
        by_id=by,
        adopted_at=at,
    )
    return int(row.pk)
