"""Proof that a holder was told, attempts that did not reach, and cases closed by two people without proof.

In: cases, what happened, on which day. Out: append-only proofs; the state of the cases. Never: a proof of a day to come, a
case that leaves the red list without proof or a second person's decision (N-07).
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Collection
from datetime import date, datetime

from django.db import transaction
from django.db.models import Max

from tuogu import vault
from tuogu.core.custody import business_date
from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import Message, NoticeCase, Proof, Waiver
from tuogu.notices.words import PHONE_OUTCOMES, PROOF_KINDS
from tuogu.rules import queries as rules

EVIDENCE_MAX = 3_000_000  # bytes of one scan
REASON_MIN = 4  # characters: what an auditor can follow up
_ON_THE_WORD = ("phone_call",)  # filed by hand without a paper; every other kind must be shown
_SCANS = (b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")  # what a page can show again: PDF, PNG, JPEG


@transaction.atomic
def prove(
    case_ids: Collection[int],
    *,
    kind: str,
    on_date: date,
    by: int,
    at: datetime,
    outcome: str = "told",
    script: str = "",
    note: str = "",
    evidence: bytes = b"",
) -> int:
    """File what a person saw, heard or holds for these cases; returns how many are proved by it now."""
    _check(case_ids, kind, on_date, outcome, script, evidence, at)
    return file_proofs(
        case_ids, kind=kind, on_date=on_date, by=by, at=at, outcome=outcome, script=script, note=note,
        evidence=evidence,
    )  # fmt: skip


def file_proofs(
    case_ids: Collection[int],
    *,
    kind: str,
    on_date: date,
    by: int,
    at: datetime,
    outcome: str = "told",
    script: str = "",
    note: str = "",
    evidence: bytes = b"",
    message: Message | None = None,
) -> int:
    """Append proofs and bring the cases up to date; inside a transaction."""
    counts = outcome == "told" and kind in rules.applicable(business_date(at))["notices.proof_kinds"]
    ids = sorted(set(case_ids))
    sealed = vault.seal_text(base64.b64encode(evidence).decode()) if evidence else None
    digest = hashlib.sha256(evidence).hexdigest() if evidence else message.body_digest if message else ""
    Proof.objects.bulk_create(
        Proof(
            case_id=case, message=message, kind=kind, outcome=outcome, counts=counts, on_date=on_date, script=script,
            evidence_digest=digest, evidence_sealed=sealed, note_sealed=vault.seal_text(note) if note else None,
            by_id=by, at=at,
        )
        for case in ids
    )  # fmt: skip
    if not counts:
        return 0
    open_cases = NoticeCase.objects.filter(pk__in=ids).exclude(state="proved")
    return open_cases.update(state="proved", proved_date=on_date, trouble="")


def _check(
    case_ids: Collection[int],
    kind: str,
    on_date: date,
    outcome: str,
    script: str,
    evidence: bytes,
    at: datetime,
) -> None:
    if (
        kind not in PROOF_KINDS
        or (outcome != "told" and kind != "phone_call")
        or outcome not in PHONE_OUTCOMES
    ):
        raise NoticeRefused("请选凭证种类和结果；没有写入任何数据")
    found = NoticeCase.objects.filter(pk__in=list(case_ids))
    if not case_ids or found.count() != len(set(case_ids)):
        raise NoticeRefused("没有这些案件；没有写入任何数据")
    first = found.aggregate(day=Max("departure__leave_date"))["day"]
    if not first <= on_date <= business_date(at):
        raise NoticeRefused(f"告知日期应在离司日 {first} 至今天之间；没有写入任何数据")
    if kind == "phone_call" and not script.strip():
        raise NoticeRefused("请写明话术版本；没有写入任何数据")
    if kind not in _ON_THE_WORD and not evidence:
        raise NoticeRefused(f"{PROOF_KINDS[kind]}由人登记时须上传扫描件或截图；没有写入任何数据")
    if evidence and not evidence.startswith(_SCANS):
        raise NoticeRefused("扫描件须是 PDF、PNG 或 JPEG；没有写入任何数据")
    if len(evidence) > EVIDENCE_MAX:
        raise NoticeRefused(f"扫描件超过 {EVIDENCE_MAX // 1_000_000} MB，请压缩后再传；没有写入任何数据")


@transaction.atomic
def ask_waiver(case_ids: Collection[int], *, reason: str, by: int, at: datetime) -> int:
    """Ask a second person to close cases without proof; returns how many. The cases stay on the red list meanwhile."""
    if len(reason.strip()) < REASON_MIN:
        raise NoticeRefused(f"请写明原因（至少 {REASON_MIN} 个字）；没有写入任何数据")
    waiting = Waiver.objects.filter(case_id__in=case_ids, state="asked").values("case_id")
    cases = NoticeCase.objects.filter(pk__in=list(case_ids)).exclude(state__in=("proved", "waived"))
    wanted = list(cases.exclude(pk__in=waiting).values_list("pk", flat=True))
    if not wanted:
        raise NoticeRefused("这些案件已有凭证、已免告知或正待复核；没有写入任何数据")
    Waiver.objects.bulk_create(
        Waiver(case_id=case, reason=reason.strip(), asked_by_id=by, asked_at=at) for case in wanted
    )
    return len(wanted)


@transaction.atomic
def decide_waiver(waiver: int, *, grant: bool, by: int, at: datetime) -> None:
    """Grant or decline. NoticeRefused by whoever asked, or when somebody has decided."""
    found = Waiver.objects.select_for_update().filter(pk=waiver, state="asked").first()
    if found is None:
        raise NoticeRefused("没有待复核的申请；没有写入任何数据")
    if found.asked_by_id == by:
        raise NoticeRefused("申请人不能复核自己的申请，请另一人复核；没有写入任何数据")
    found.state, found.decided_by_id, found.decided_at = "granted" if grant else "declined", by, at
    found.save(update_fields=["state", "decided_by", "decided_at"])
    if grant:
        NoticeCase.objects.filter(pk=found.case_id).exclude(state="proved").update(state="waived")
