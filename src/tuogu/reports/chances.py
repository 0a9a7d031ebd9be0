"""Chances as advice: a model is learned when a person asks for it, kept for good, read beside a case or customer (P-07).

In: a target, cases, customers, a day. Out: stored models, `Advice` with its reasons. Never: a decision; advice from a model
that tells no more than the share of all; a model that is changed; a plan that reads any of it.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Collection, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.chance.limits import ChanceLimits
from tuogu.core.chance.model import OTHER, Bin, Learned, Model, Reason, model_of
from tuogu.core.chance.tables import PLACES, RENEWAL, REPURCHASE, TARGETS
from tuogu.core.chance.training import TooLittle, Trained, train
from tuogu.core.custody import business_date
from tuogu.core.digest import canonical_bytes
from tuogu.core.rulebook import Rulebook
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.reports.chance_history import renewal_rows_of, repurchase_rows_of, rows_of
from tuogu.reports.failures import ReportsRefused
from tuogu.reports.models import ChanceModel
from tuogu.rules import queries as rules


@dataclass(frozen=True)
class ChanceHead:
    """A stored model. `figures`: as `core.chance.training` made them."""

    id: int
    target: str
    title: str
    happens: str
    trained_on: date
    rulebook: str
    better: bool
    figures: dict[str, Any]
    digest: str
    by: int
    at: datetime


@dataclass(frozen=True)
class Advice:
    """The chance of one row. `share`: how often it happened among all rows learned from; `reasons` by weight, `prior` and
    they add up to `log_odds`."""

    model: int
    target: str
    day: date  # on which this was known
    chance: float
    share: float
    prior: float
    log_odds: float
    reasons: tuple[Reason, ...]


Step = Callable[[str], AbstractContextManager[object]]


@transaction.atomic
def train_chances(target: str, *, by: int, at: datetime, step: Step = nullcontext) -> ChanceHead:
    """Learn a model from everything settled by the day before and keep it; ReportsRefused when there is too little. `step`
    is told the name of each part of the work, for a bar."""
    if target not in TARGETS:
        raise ReportsRefused(_("没有“%(what)s”这种机会；没有写入任何数据") % {"what": target})
    if not org.is_person(by):
        raise ReportsRefused(_("模型须由在册人员要求学习；没有写入任何数据"))
    on = business_date(at)
    book = rules.applicable(on)
    limits = ChanceLimits.of(book)
    with step("读取记录"):
        rows = rows_of(target, on, limits)
    try:
        with step("学习并检验"):
            trained = train(rows, TARGETS[target], limits)
    except TooLittle as little:
        raise ReportsRefused(_("还不能学习：%(why)s。没有写入任何数据") % {"why": little.told(_)}) from little
    with step("保存模型"):
        return _kept(trained, target, rows, book, by=by, at=at)


def _kept(
    trained: Trained, target: str, rows: pl.DataFrame, book: Rulebook, *, by: int, at: datetime
) -> ChanceHead:
    content = trained.model.plain()
    row = ChanceModel.objects.create(
        target=target, trained_on=business_date(at), rulebook=book.version, rulebook_digest=book.digest(),
        rows_digest=hashlib.sha256(canonical_bytes(rows)).hexdigest(), content=content, figures=trained.figures,
        better=trained.better, digest=_digest(content, trained.figures), by_id=by, at=at,
    )  # fmt: skip
    return _head(row)


def chance_models(target: str = "") -> list[ChanceHead]:
    """Every stored model, the newest first; of one target."""
    rows = ChanceModel.objects.order_by("-pk")
    return [_head(row) for row in (rows.filter(target=target) if target else rows)]


def chance_model(model_id: int) -> tuple[ChanceHead, Model] | None:
    """One stored model."""
    row = ChanceModel.objects.filter(pk=model_id).first()
    return None if row is None else (_head(row), model_of(row.content))


def counts_seen(scope: Scope, model: Model) -> list[tuple[Learned, list[tuple[Bin, float]]]]:
    """Of each feature the bins that a scope shows, with what each adds: of an institution out of scope nothing is told."""
    within = None if scope.all_rows else org.institutions_within(scope)
    return [
        (
            one,
            [
                (b, adds)
                for b, adds in zip(one.bins, model.adds(one), strict=True)
                if within is None or one.feature.key not in PLACES or b.name in within or b.name == OTHER
            ],
        )
        for one in model.features
    ]


def renewal_advice(subjects: Iterable[int], on: date) -> dict[int, Advice]:
    """The chance that listed motor policies are renewed, by subject. The caller has made sure that they are within scope;
    nothing where no model proved better than the share of all."""
    wanted = sorted(set(subjects))
    newest = _newest(RENEWAL.key)
    if not wanted or newest is None:
        return {}
    rows = renewal_rows_of(wanted, on, ChanceLimits.of(rules.applicable(on)))
    asked = rows.filter(pl.col("key").is_in([str(one) for one in wanted]))
    return {int(advice): told for advice, told in _advised(newest, asked).items()}


def repurchase_advice(customers: Collection[str], on: date) -> dict[str, Advice]:
    """The chance that customers given away by a campaign buy again, by customer number; the newest release of each."""
    newest = _newest(REPURCHASE.key)
    if not customers or newest is None:
        return {}
    rows = repurchase_rows_of(customers, on, ChanceLimits.of(rules.applicable(on)))
    return {key.rpartition("@")[0]: told for key, told in _advised(newest, rows).items()}


def renewal_order(subjects: Collection[int], on: date) -> list[int] | None:
    """Cases by falling chance, those without one last; None unless the rulebook lets the call list be ordered by it. Plans
    have no way to ask."""
    if not rules.applicable(on)["advice.may_rank"]:
        return None
    told = renewal_advice(subjects, on)
    return sorted(subjects, key=lambda one: (-told[one].chance if one in told else 0.0, one))


def _newest(target: str) -> ChanceModel | None:
    """The newest model, if it is better than the share of all: an older one is not taken in its place."""
    row = ChanceModel.objects.filter(target=target).order_by("-pk").first()
    return row if row is not None and row.better else None


def _advised(row: ChanceModel, rows: pl.DataFrame) -> dict[str, Advice]:
    model = model_of(row.content)
    reasons = model.reasons(rows)
    told = model.scored(rows).join(rows.select("key", "day"), on="key", maintain_order="left")
    share = float(row.figures["learned"]["happened"]) / float(row.figures["learned"]["rows"])
    return {
        key: Advice(int(row.pk), row.target, day, chance, share, model.prior, log_odds, tuple(reasons[key]))
        for key, day, chance, log_odds in told.select("key", "day", "chance", "log_odds").rows()
    }


def _head(row: ChanceModel) -> ChanceHead:
    target = TARGETS[row.target]
    return ChanceHead(
        int(row.pk), row.target, target.title, target.happens, row.trained_on, row.rulebook, row.better, row.figures,
        row.digest, row.by_id, row.at,
    )  # fmt: skip


def _digest(*plain: Any) -> str:
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
