"""Is it true what stands about customers? Validators over all of them, and checks by hand of a sample drawn by lot (L-09).

In: the stored customers; a scope and a day. Out: a check with its findings; a sample that anyone can draw again; verdicts.
Never: a value of a customer in a finding, a sample whose list or seed was chosen after the other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

import polars as pl
from django.db import transaction

from tuogu import vault
from tuogu.books import queries as books
from tuogu.bulk import insert_rows
from tuogu.core.amending import AMENDABLE
from tuogu.core.custody import business_date
from tuogu.core.draw import drawn, list_digest
from tuogu.core.truth import findings
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.models import Finding, Sample, SampleItem, TruthCheck, Verdict
from tuogu.corrections.words import VERDICTS
from tuogu.ledger import queries as ledger
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.privacy import queries as privacy
from tuogu.rules import queries as rules

_WHOLE_BP = 10_000  # a share in hundredths of a percent


@transaction.atomic
def check_truth(*, by: int, at: datetime) -> int:
    """Run every validator over every stored customer and keep what they found; returns the check's id."""
    today = business_date(at)
    customers = books.stored_customers(personal=True).join(
        books.communities_of(), on="customer_number", how="left"
    )
    found = findings(
        customers, org.staff_list()["phone"], shared_from=rules.applicable(today)["corrections.phone_shared_from"],
        as_of=today,
    )  # fmt: skip
    counts = dict(found.group_by("kind").agg(n=pl.len().cast(pl.Int64)).sort("kind").iter_rows())
    check = TruthCheck.objects.create(customers=customers.height, counts=counts, by_id=by, at=at)
    insert_rows(Finding._meta.db_table, found.with_columns(check_run_id=pl.lit(check.pk, pl.Int64)))
    return int(check.pk)


@transaction.atomic
def draw_sample(scope: Scope, institution_code: str, *, by: int, at: datetime) -> int:
    """Draw customers of an institution for checks by hand: as many as the rulebook says, by the newest seal of the ledger.

    The code names institution and day, so that nobody draws until the lot pleases. Returns the sample's id."""
    if institution_code not in org.institutions_within(scope):
        raise CorrectionRefused("这个机构不在您的范围内；没有抽取")
    today = business_date(at)
    code = f"ZS-{institution_code}-{today:%Y%m%d}"
    if Sample.objects.filter(code=code).exists():
        raise CorrectionRefused("这个机构今天已抽过一次，不能重抽；没有抽取")
    seal = ledger.seal_state()
    if seal.number is None:
        raise CorrectionRefused("台账还没有封印，没有可公开的种子；没有抽取")
    inside = Scope(institution_codes=frozenset({institution_code}))
    every, blocked = books.reached(scope, inside=inside)["customer_number"], privacy.blocked_numbers()
    numbers = [
        number for number in every if number not in blocked
    ]  # L-07: nobody rings whose data may only be kept
    if not numbers:
        raise CorrectionRefused("这个机构没有有效保单的客户；没有抽取")
    rulebook = rules.applicable(today)
    share = -(-len(numbers) * int(rulebook["corrections.sample_bp"]) // _WHOLE_BP)
    size = min(len(numbers), max(int(rulebook["corrections.sample_min"]), share))
    digest = list_digest(numbers)
    seed = sha256(bytes.fromhex(seal.digest) + bytes.fromhex(digest)).digest()
    sample = Sample.objects.create(
        code=code, institution_code=institution_code, listed=len(numbers), list_digest=digest, seed_hex=seed.hex(),
        seed_source=f"台账封印 {seal.number}：{seal.digest}", size=size, by_id=by, at=at,
    )  # fmt: skip
    lot = drawn(numbers, size, seed=seed, draw_id=code)
    SampleItem.objects.bulk_create(
        SampleItem(sample=sample, place=place, customer_number=number)
        for place, number in enumerate(lot, start=1)
    )
    return int(sample.pk)


@transaction.atomic
def record_verdict(
    item_id: int, *, verdict: str, wrong_fields: Sequence[str] = (), note: str = "", by: int, at: datetime
) -> None:
    """What the check by hand of one drawn customer found; a later verdict counts instead of an earlier, which stays."""
    if verdict not in VERDICTS or not set(wrong_fields) <= set(AMENDABLE):
        raise CorrectionRefused("请选择核查结论；没有写入")
    if (verdict == "wrong") != bool(wrong_fields):
        raise CorrectionRefused("不实的要写明哪几项，其他结论不写；没有写入")
    if not SampleItem.objects.filter(pk=item_id).exists():
        raise CorrectionRefused("没有这位抽中的客户；没有写入")
    if not org.is_person(by):
        raise CorrectionRefused("核查须由在册人员进行；没有写入")
    Verdict.objects.create(
        item_id=item_id, verdict=verdict, wrong_fields=sorted(wrong_fields),
        note_sealed=vault.seal_text(note.strip() or None), by_id=by, at=at,
    )  # fmt: skip
