"""The amendment register (S0-07): what one field of a customer should say, judged as at intake before it is written down.

In: new values with their source. Out: rows that wait for a batch. Never: a value that intake would refuse, a customer out
of scope, two open amendments of one field (the later takes the place of the earlier, and says so).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import polars as pl
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from tuogu import vault
from tuogu.books import queries as books
from tuogu.core.amending import CHANGES, as_texts, judge, title_of, why
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Amendment, Batch, BatchLine, Withdrawal
from tuogu.corrections.words import BY_HAND
from tuogu.org import queries as staff
from tuogu.org.scope import Scope


def open_amendments() -> QuerySet[Amendment]:
    """Neither withdrawn nor in a batch that still lives."""
    living = BatchLine.objects.filter(amendment=OuterRef("pk")).exclude(batch__state=Batch.State.RETURNED)
    return Amendment.objects.filter(~Exists(living), withdrawal__isnull=True)


@transaction.atomic
def register(
    scope: Scope,
    customer_number: str,
    values: Mapping[str, str],
    *,
    source: str,
    evidence: str,
    by: int,
    at: datetime,
) -> list[int]:
    """Write down what `values` (field → as written) should replace; returns the ids of the new amendments.

    CorrectionRefused: out of scope, a value refused (all are told), nothing new, no evidence."""
    if source not in BY_HAND:
        raise CorrectionRefused("请选择更正的来源；没有登记")
    if not evidence.strip():
        raise CorrectionRefused("请写明凭据，例如谁在何时以何种方式告知；没有登记")
    if not staff.is_person(by):
        raise CorrectionRefused("更正须由在册人员登记；没有登记")
    written = {field: value for field, value in values.items() if value.strip()}
    if not written:
        raise CorrectionRefused("没有填写新的内容；没有登记")
    proposed = proposals(scope, customer_number, written, keep_same=False)
    return write(proposed, source=source, evidence=evidence, visit=None, by=by, at=at)


def proposals(
    scope: Scope, customer_number: str, written: Mapping[str, str], *, keep_same: bool
) -> pl.DataFrame:
    """customer_number, institution_code, field, old, new of what `written` changes, judged.

    `keep_same`: a value that equals the stored one is left out, else it is refused like any other that cannot be taken.
    """
    where = books.customers_within(scope, [customer_number])
    if where.is_empty():
        raise CorrectionRefused("没有这位客户，或不在您的范围内；没有登记")
    stored = books.opened_customers([customer_number])
    changes = pl.DataFrame(
        [(customer_number, field, value) for field, value in written.items()], schema=CHANGES, orient="row"
    )
    judged = judge(changes, stored)
    wrong = judged.refused.filter((pl.col("problem") != "unchanged") | (not keep_same))
    if wrong.height:
        told = "；".join(f"{title_of(field)}：{why(problem)}" for _n, field, problem in wrong.iter_rows())
        raise CorrectionRefused(f"{told}。没有登记")
    taken = judged.frame.filter(pl.col("problem").is_null()).rename({"value": "new"}).drop("problem")
    now = as_texts(stored).rename({"value": "old"})
    return taken.join(now, on=["customer_number", "field"], how="left").join(
        where, on="customer_number", how="left"
    )


def write(
    proposed: pl.DataFrame, *, source: str, evidence: str, visit: int | None, by: int, at: datetime
) -> list[int]:
    """Store judged proposals; an open amendment of the same field is withdrawn in favour of the new one."""
    rows = proposed.to_dicts()
    replaced = {
        (a.customer_number, a.field): a
        for a in open_amendments().filter(customer_number__in=proposed["customer_number"].to_list())
    }
    made = []
    for row in rows:  # the fields of one customer: a handful
        purpose = f"amendment.{row['field']}"
        amendment = Amendment.objects.create(
            customer_number=row["customer_number"], institution_code=row["institution_code"] or "", field=row["field"],
            old_sealed=vault.seal_text(row["old"]), old_hash=vault.keyed_hash(row["old"], purpose),
            new_sealed=vault.seal_text(row["new"]), new_hash=vault.keyed_hash(row["new"], purpose), source=source,
            visit_id=visit, evidence_sealed=vault.seal_text(evidence.strip() or None), by_id=by, recorded_at=at,
        )  # fmt: skip
        made.append(int(amendment.pk))
        before = replaced.get((row["customer_number"], row["field"]))
        if before is not None:
            Withdrawal.objects.create(amendment=before, reason=f"由更正 {amendment.pk} 取代", by_id=by, at=at)
    return made


@transaction.atomic
def withdraw(amendment_id: int, *, reason: str, by: int, at: datetime) -> None:
    """Take back an amendment that no batch holds yet."""
    if not reason.strip():
        raise CorrectionRefused("撤销更正须写明理由；没有写入")
    row = open_amendments().filter(pk=amendment_id).first()
    if row is None:
        raise CorrectionRefused("这条更正已在清单中、已更改或已撤销，不能撤销；没有写入")
    Withdrawal.objects.create(amendment=row, reason=reason.strip(), by_id=by, at=at)
