"""Adopting a rulebook: a whole book, or a clerk's changes to one. Never: a change to an adopted version; a change that takes
back, unsaid, what is in force.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import transaction

from tuogu.core.rulebook import Rulebook
from tuogu.core.rulebook_changes import changes
from tuogu.core.rulebook_overlay import base_of, overlaid
from tuogu.org import queries as org
from tuogu.rules import queries
from tuogu.rules.content import to_content
from tuogu.rules.failures import RulesError
from tuogu.rules.models import RulebookVersion


@transaction.atomic
def adopt(rulebook: Rulebook, *, by: int, at: datetime, approved_by: int | None = None) -> int:
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
        approved_by_id=approved_by,
    )
    return int(row.pk)


@transaction.atomic
def adopt_overlay(
    document: Mapping[str, Any], *, by: int, at: datetime, approved_by: int | None = None
) -> Rulebook:
    """Adopt a clerk's changes as a new version; returns the whole book.

    RulebookProblems with everything that is wrong in it. RulesError when its base is not what is in force on its
    effective day (it would silently take back the changes between), or when no person signs.
    """
    if not org.is_person(by):
        raise RulesError("启用制度须由在册人员以个人令牌进行")
    named = base_of(document)
    base = queries.base_book(named)
    rulebook = overlaid(base, document)
    before = queries.applicable(rulebook.effective_date)
    if before.version not in {base.version, rulebook.version}:
        lost = "、".join(change.key for change in changes(before, base))
        raise RulesError(
            f"{rulebook.effective_date} 起实施的是制度 {before.version}，而本文件改自 {base.version}，会撤回："
            f'{lost or "无"}；请把底本写成 base = "{before.name} {before.version}"'
        )
    adopt(rulebook, by=by, at=at, approved_by=approved_by)
    return rulebook
