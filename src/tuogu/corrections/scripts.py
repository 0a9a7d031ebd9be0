"""What callers say and ask: versions, each found fit by a second person before anybody calls by it (S0-06: 统一回访话术).

In: words, fields to ask. Out: a version that waits, or is approved. Never: a version changed, its maker's own approval.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from hashlib import sha256

from django.db import transaction
from django.db.models import Max

from tuogu.core.amending import ASKED
from tuogu.core.calling import ANSWERS
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Script, ScriptApproval
from tuogu.corrections.words import CALLS, CAMPAIGN_ASKS, RETURN_VISIT, USES
from tuogu.org import queries as staff

ASKS: dict[str, dict[str, str]] = {  # use → what such a script may ask: field → title
    RETURN_VISIT: ASKED,
    **{use: {field: question for field, (question, _answers) in ANSWERS.items()} for use in CALLS},
    **CAMPAIGN_ASKS,
}


@transaction.atomic
def write_script(
    name: str,
    *,
    effective_date: date,
    opening: str,
    questions: Sequence[tuple[str, str]],
    closing: str,
    by: int,
    at: datetime,
    use: str = RETURN_VISIT,
) -> int:
    """Write the next version of the script `name`; `questions`: (field of ASKS[use], words). Returns its id."""
    name, opening, closing = name.strip(), opening.strip(), closing.strip()
    if not name or not opening or not closing:
        raise CorrectionRefused("话术须有名称、开场白和结束语；没有保存")
    if use not in USES:
        raise CorrectionRefused("请选择话术的用途；没有保存")
    asked = [{"field": field, "ask": words.strip()} for field, words in questions if words.strip()]
    fields = [question["field"] for question in asked]
    if not asked or not set(fields) <= set(ASKS[use]) or len(set(fields)) != len(fields):
        raise CorrectionRefused("话术至少要问一项，每项只问一次；没有保存")
    if not staff.is_person(by):
        raise CorrectionRefused("话术须由在册人员编写；没有保存")
    if Script.objects.filter(name=name).exclude(use=use).exists():
        raise CorrectionRefused("同名的话术已用于别的用途，请换一个名称；没有保存")
    last = Script.objects.filter(name=name).aggregate(last=Max("version"))["last"] or 0
    content = [name, last + 1, effective_date.isoformat(), opening, asked, closing]
    if use != RETURN_VISIT:  # digests of earlier versions stay what they were
        content.append(use)
    digest = sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()
    row = Script.objects.create(
        name=name, version=last + 1, use=use, effective_date=effective_date, opening=opening, questions=asked,
        closing=closing, digest=digest, made_by_id=by, made_at=at,
    )  # fmt: skip
    return int(row.pk)


@transaction.atomic
def approve_script(script_id: int, *, by: int, at: datetime) -> None:
    """A second person finds the version fit for use."""
    script = Script.objects.filter(pk=script_id).first()
    if script is None:
        raise CorrectionRefused(f"没有话术 {script_id}")
    if ScriptApproval.objects.filter(script=script).exists():
        raise CorrectionRefused("这一版话术已经核准")
    if script.made_by_id == by:
        raise CorrectionRefused("编写人不能核准自己的话术，须由另一人核准；没有写入")
    if not staff.is_person(by):
        raise CorrectionRefused("话术须由在册人员核准；没有写入")
    ScriptApproval.objects.create(script=script, made_by_id=script.made_by_id, by_id=by, at=at)


def usable(script_id: int, on: date) -> Script:
    """The version if return visits may be made by it on that day; CorrectionRefused otherwise."""
    script = Script.objects.select_related("approval").filter(pk=script_id).first()
    if script is None or not hasattr(script, "approval"):
        raise CorrectionRefused("回访须用已经核准的话术")
    if script.use != RETURN_VISIT:
        raise CorrectionRefused("这一版话术不是用于回访的")
    if script.effective_date > on:
        raise CorrectionRefused(f"这一版话术 {script.effective_date} 起才生效")
    return script
