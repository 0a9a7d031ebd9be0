"""A list of amendments on its road (S0-07): collected → frozen → signed → with IT → applied by hash → filed.

In: a batch, a person, and at each step what that person brings: a name, a reason, the file or its hash. Out: the next state
and an event. Never: an unsigned list applied, a file other than the signed one, one person who collects and signs, or signs
and applies, a line written over a value that changed meanwhile (it is listed as a conflict).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256

import polars as pl
from django.db import transaction
from django.db.models import QuerySet

from tuogu.books import actions as books_actions
from tuogu.books import queries as books
from tuogu.books.amending import APPLIED, CHANGES
from tuogu.core.custody import day_bounds
from tuogu.corrections.content import Line, digest_of, keep_paper, lines_of, paper, preview, workbook
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Amendment, Batch, BatchEvent, BatchLine, LineOutcome
from tuogu.corrections.registering import open_amendments
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.vault import seal_text

LIST, FILED, SCAN = "list", "filed", "scan"
SCAN_BYTES_MAX = 5 * 1024 * 1024  # a scanned page or a few
S = Batch.State
LIVING = (S.COLLECTING, S.AWAITING, S.SIGNED, S.WITH_IT)  # may still be sent back


@dataclass(frozen=True)
class Applied:
    """What applying did."""

    applied: int
    conflicts: int
    digest: str  # of the filed copy


@transaction.atomic
def collect(
    scope: Scope, institution_code: str, *, first_date: date, until_date: date, custodian: int | None = None, by: int,
    at: datetime,
) -> int:  # fmt: skip
    """Open a batch over the open amendments of an institution and period; with `custodian` only of customers that this
    account manager holds. Nothing is frozen yet. Returns its id."""
    if institution_code not in org.institutions_within(scope):
        raise CorrectionRefused("这个机构不在您的范围内；没有建立清单")
    if until_date <= first_date:
        raise CorrectionRefused("期间的末日早于首日；没有建立清单")
    if not org.is_person(by) or (custodian is not None and not org.is_person(custodian)):
        raise CorrectionRefused("清单须由在册人员建立，签名人须是在册人员；没有建立清单")
    batch = Batch.objects.create(
        institution_code=institution_code, custodian_id=custodian, first_date=first_date, until_date=until_date,
        made_by_id=by, made_at=at,
    )  # fmt: skip
    if not waiting(batch).exists():
        raise CorrectionRefused("这个范围内没有待归集的更正；没有建立清单")
    _event(batch, by=by, at=at)
    return int(batch.pk)


def waiting(batch: Batch) -> QuerySet[Amendment]:
    """The open amendments that a batch being collected is about, by customer and field."""
    rows = open_amendments().order_by("customer_number", "field", "pk")
    if batch.undoes_id is not None:
        return rows.filter(undoes__lines__batch=batch.undoes_id)
    start, end = day_bounds(batch.first_date, batch.until_date - timedelta(days=1))
    rows = rows.filter(recorded_at__gte=start, recorded_at__lt=end)
    numbers = list(rows.values_list("customer_number", flat=True))
    where = Scope(institution_codes=frozenset({batch.institution_code}))  # of a team: whom its people hold
    for inside in (where, *_of_manager(batch)):
        numbers = books.customers_within(inside, numbers)["customer_number"].to_list()
    return rows.filter(customer_number__in=numbers)


def _of_manager(batch: Batch) -> list[Scope]:
    return [] if batch.custodian_id is None else [Scope(custodian_ids=frozenset({batch.custodian_id}))]


@transaction.atomic
def freeze(batch_id: int, *, leave_out: Collection[int] = (), by: int, at: datetime) -> str:
    """Freeze what is collected, but for the amendments `leave_out`; returns the digest that is to be signed."""
    batch = _in(batch_id, S.COLLECTING, "已不在归集中")
    chosen = [a for a in waiting(batch).select_for_update(of=("self",)) if a.pk not in set(leave_out)]
    if not chosen:
        raise CorrectionRefused("清单里没有任何更正；没有冻结")
    BatchLine.objects.bulk_create(
        BatchLine(batch=batch, place=place, amendment=amendment)
        for place, amendment in enumerate(chosen, start=1)
    )
    lines = preview(chosen)
    batch.content_digest = digest_of(lines)
    batch.file_digest = keep_paper(batch, LIST, workbook(batch, lines, batch.content_digest), by=by, at=at)
    batch.rows = len(lines)
    _to(batch, S.AWAITING, by=by, at=at, also=("content_digest", "file_digest", "rows"))
    return batch.content_digest


@transaction.atomic
def sign(scope: Scope, batch_id: int, *, name: str, digest: str, by: int, at: datetime) -> None:
    """The account manager who holds the customers, or a supervisor of theirs, signs what the digest names, by typing the
    own name (S0-07: 客户经理签名确认)."""
    batch = _in(batch_id, S.AWAITING, "不在待签名状态")
    lines = lines_of(batch)
    own = org.names([by]).get(by)
    if own is None or name.strip() != own:
        raise CorrectionRefused("签名须写本人全名，与登记的姓名一致；没有签名")
    if digest != batch.content_digest or digest_of(lines) != batch.content_digest:
        raise CorrectionRefused("清单内容与页面上的摘要不符；没有签名")
    if by == batch.made_by_id or by in {line.by for line in lines}:
        raise CorrectionRefused("登记或归集这些更正的人不能签名，须由另一人签名；没有签名")
    numbers = {line.customer_number for line in lines}
    if books.customers_within(scope, sorted(numbers)).height < len(numbers):
        raise CorrectionRefused("清单里有不由您负责的客户，不能由您签名；没有签名")
    batch.signed_by_id, batch.signed_at, batch.signed_digest = by, at, batch.content_digest
    _to(batch, S.SIGNED, by=by, at=at, also=("signed_by", "signed_at", "signed_digest"))


@transaction.atomic
def send_back(batch_id: int, *, reason: str, by: int, at: datetime) -> None:
    """Return a batch before it is applied, with a reason; its amendments are open again."""
    if not reason.strip():
        raise CorrectionRefused("退回清单须写明理由；没有退回")
    batch = _in(batch_id, LIVING, "不能退回")
    _to(batch, S.RETURNED, by=by, at=at, reason=reason)


@transaction.atomic
def receive(batch_id: int, *, by: int, at: datetime) -> None:
    """IT takes the signed list in hand."""
    batch = _in(batch_id, S.SIGNED, "还没有签名，或已被接收")
    _to(batch, S.WITH_IT, by=by, at=at)


@transaction.atomic
def apply(batch_id: int, *, content: bytes | None = None, digest: str = "", by: int, at: datetime) -> Applied:
    """Carry out the list that was signed: the file itself, or its SHA-256, says which one is meant.

    One transaction over all lines. CorrectionRefused: not signed, another file, stored lines that no longer have the signed
    digest, or the signer at work."""
    batch = _in(batch_id, S.WITH_IT, "还没有签名、还没有接收，或已经更改")
    if by == batch.signed_by_id or by == batch.made_by_id:
        raise CorrectionRefused("归集人和签名人不能执行更改，须由信息技术人员执行；没有更改")
    if not org.is_person(by):
        raise CorrectionRefused("更改须由在册人员执行；没有更改")
    stored, lines = paper(batch.pk, LIST), lines_of(batch)
    if (
        stored is None
        or sha256(stored).hexdigest() != batch.file_digest
        or digest_of(lines) != batch.signed_digest
    ):
        raise CorrectionRefused("存档的清单与签名时不符，不能更改；请报告审计。没有更改")
    given = sha256(content).hexdigest() if content is not None else digest.strip().lower()
    if given != batch.file_digest:
        raise CorrectionRefused("这个文件（或摘要）不是签名的清单：内容不同；没有更改")
    outcomes = _carry_out(lines, at)
    batch.applied_by_id, batch.applied_at, batch.applied_digest = by, at, given
    _to(batch, S.APPLIED, by=by, at=at, also=("applied_by", "applied_at", "applied_digest"))
    kept = keep_paper(batch, FILED, stored if content is None else content, by=by, at=at)
    done = sum(1 for outcome in outcomes.values() if outcome == APPLIED)
    return Applied(done, len(outcomes) - done, kept)


def _carry_out(lines: list[Line], at: datetime) -> dict[int, str]:
    changes = pl.DataFrame(
        [(line.id, line.customer_number, line.field, line.old, line.new) for line in lines],
        schema=CHANGES,
        orient="row",
    )
    outcomes = dict(books_actions.amend_customers(changes, at=at).iter_rows())
    LineOutcome.objects.bulk_create(
        LineOutcome(line_id=key, outcome=outcome, at=at) for key, outcome in outcomes.items()
    )
    return outcomes


@transaction.atomic
def file_copy(batch_id: int, *, by: int, at: datetime) -> None:
    """Operations confirm that the copy of what was applied is filed (备档)."""
    batch = _in(batch_id, S.APPLIED, "还没有更改，或已经备档")
    _to(batch, S.FILED, by=by, at=at)


@transaction.atomic
def undo(batch_id: int, *, reason: str, by: int, at: datetime) -> int:
    """Write the opposite of every line that was applied, as amendments and as a batch that goes the same road.

    Nothing changes until that one is signed and applied. Returns its id."""
    batch = _in(batch_id, (S.APPLIED, S.FILED), "还没有更改，不必撤回")
    if not reason.strip():
        raise CorrectionRefused("撤回更改须写明理由；没有写入")
    if Batch.objects.filter(undoes=batch).exists():
        raise CorrectionRefused("这份清单已经有撤回清单；没有写入")
    done = [
        amendment
        for amendment in Amendment.objects.filter(
            lines__batch=batch, lines__outcome__outcome=APPLIED
        ).order_by("pk")
        if not books.erased(amendment.customer_number)  # L-07: nothing of the person is left to write back
    ]
    back = Batch.objects.create(
        institution_code=batch.institution_code, custodian_id=batch.custodian_id, first_date=batch.first_date,
        until_date=batch.until_date, undoes=batch, made_by_id=by, made_at=at,
    )  # fmt: skip
    sealed = [_opposite(amendment, reason, by, at) for amendment in done]
    if not sealed:
        raise CorrectionRefused("这份清单没有更改任何一项；没有写入")
    Amendment.objects.bulk_create(sealed)
    _event(back, by=by, at=at, reason=reason)
    return int(back.pk)


def _opposite(amendment: Amendment, reason: str, by: int, at: datetime) -> Amendment:
    return Amendment(
        customer_number=amendment.customer_number, institution_code=amendment.institution_code, field=amendment.field,
        old_sealed=amendment.new_sealed, old_hash=amendment.new_hash, new_sealed=amendment.old_sealed,
        new_hash=amendment.old_hash, source="undo", undoes=amendment, evidence_sealed=seal_text(reason.strip()), by_id=by,
        recorded_at=at,
    )  # fmt: skip


@transaction.atomic
def keep_scan(batch_id: int, content: bytes, *, by: int, at: datetime) -> str:
    """Keep the scanned paper with the handwritten signature; returns its SHA-256."""
    batch = _in(batch_id, (S.SIGNED, S.WITH_IT, S.APPLIED, S.FILED), "还没有签名，没有可附的签名件")
    if not content.startswith((b"%PDF-", b"\x89PNG", b"\xff\xd8\xff")) or len(content) > SCAN_BYTES_MAX:
        raise CorrectionRefused("签名扫描件须是 PDF、PNG 或 JPEG，不超过 5 MB；没有保存")
    if paper(batch.pk, SCAN) is not None:
        raise CorrectionRefused("这份清单已附签名扫描件；没有保存")
    return keep_paper(batch, SCAN, content, by=by, at=at)


def _in(batch_id: int, states: str | tuple[str, ...], refused: str) -> Batch:
    wanted = (states,) if isinstance(states, str) else states
    batch = Batch.objects.select_for_update().filter(pk=batch_id).first()
    if batch is None:
        raise CorrectionRefused(f"没有清单 {batch_id}")
    if batch.state not in wanted:
        raise CorrectionRefused(f"清单 {batch_id} 是“{batch.get_state_display()}”，{refused}。没有写入")
    return batch


def _to(
    batch: Batch, state: str, *, by: int, at: datetime, also: tuple[str, ...] = (), reason: str = ""
) -> None:
    batch.state = state
    batch.save(update_fields=["state", *also])
    _event(batch, by=by, at=at, reason=reason)


def _event(batch: Batch, *, by: int, at: datetime, reason: str = "") -> None:
    BatchEvent.objects.create(batch=batch, state=batch.state, reason=reason.strip(), by_id=by, at=at)
