"""The month's ranking (S2-13): frozen once after the month's end, read again from what was frozen, published, rewarded.

In: a campaign, a month. Out: a frozen ranking with its digest; the same ranking computed again from the frozen figures; what
the books say today beside it; bulletin and seminar. Never: a frozen figure changed by what becomes known later; a ranking
taken while the month still runs; a seminar for another than the best.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import polars as pl
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from tuogu.campaigns.enrichment import measured
from tuogu.campaigns.failures import CampaignRefused, CampaignUnknown
from tuogu.campaigns.ground import STAGES, begun_on, ground, stage_on
from tuogu.campaigns.models import Bulletin, Campaign, MonthRanking, SeminarGrant
from tuogu.campaigns.whose import campaigns, ended, seen_departments
from tuogu.core.campaign.evaluation import Stage
from tuogu.core.campaign.follow_up import Ways, last_day, months, ranked
from tuogu.core.custody import business_date
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

_KEPT = ("quota", "released", "second", "second_long", "fresh", "policies", "premium_fen", "policies_long")
_ASKED_AGAIN = ("place", "attained_bp", "met", "best", "named")


@dataclass(frozen=True)
class Ranking:
    """A frozen month. `rows`: as frozen, the best first, each with its department; `sound`: the digest still covers them."""

    id: int
    campaign_id: int
    campaign: str
    month: date
    stage: str
    rows: list[dict[str, Any]]
    rulebook: str
    digest: str
    frozen_at: datetime
    bulletin: Bulletin | None
    seminar: SeminarGrant | None
    sound: bool

    @property
    def stage_word(self) -> str:
        return STAGES[self.stage]

    @property
    def best(self) -> list[dict[str, Any]]:
        """In the first place, alone or beside others."""
        return [row for row in self.rows if row["best"]]

    @property
    def named(self) -> list[dict[str, Any]]:
        """The low ones, which the bulletin names."""
        return [row for row in self.rows if row["named"]]


def months_to_freeze(row: Campaign, on: date) -> list[date]:
    """Months that have ended long enough and are not frozen yet."""
    begun = begun_on(row.plan_id)
    if begun is None:
        return []
    rulebook = rules.applicable(on)
    until = on - timedelta(days=int(rulebook["campaigns.freeze_after_days"]) - 1)
    if ended(row):
        until = min(until, last_day(row.end.ended_date.replace(day=1)) + timedelta(days=1))
    done = set(MonthRanking.objects.filter(campaign=row).values_list("month", flat=True))
    return [month for month in months(begun, until, rulebook) if month not in done]


def freeze_months(*, by: int, at: datetime) -> int:
    """Freeze every month whose time has come; how many. Again changes nothing."""
    on = business_date(at)
    return sum(
        freeze(row, month, by=by, at=at)
        for row in campaigns(Scope.everything())
        for month in months_to_freeze(row, on)
    )


@transaction.atomic
def freeze(row: Campaign, month: date, *, by: int, at: datetime) -> int:
    """1 where the month is frozen now, 0 where it was."""
    on, last = business_date(at), last_day(month)
    rulebook, stage = rules.applicable(on), stage_on(row.plan_id, last)
    base = ground(row, on)
    if base.wrong:
        raise CampaignRefused(base.wrong)
    counts = base.counts(month, last)
    target = Stage.of(stage, rulebook).target_bp
    ways = Ways.of(rulebook)
    places = ranked(counts.with_columns(target_bp=pl.lit(target, pl.Int64)), ways)
    rest = [name for name in _KEPT if name not in places.columns]
    rows = places.join(
        counts.select("department", "area", *rest), on="department", how="left", maintain_order="left"
    )
    enriched = measured(row, on)
    kept = [one | enriched.get(one["department"], {}) for one in rows.to_dicts()]
    digest = digest_of(row.pk, month, stage, kept, asdict(ways), rulebook.version)
    try:
        with transaction.atomic():
            MonthRanking.objects.create(
                campaign=row, month=month, stage=stage, rows=kept, ways=asdict(ways), rulebook=rulebook.version,
                digest=digest, frozen_by_id=by, frozen_at=at,
            )  # fmt: skip
    except IntegrityError:
        return 0
    return 1


def digest_of(
    campaign_id: int, month: date, stage: str, rows: list[dict[str, Any]], ways: dict[str, Any], rulebook: str
) -> str:
    """SHA-256 over what was frozen."""
    words = [campaign_id, month.isoformat(), stage, rows, ways, rulebook]
    said = json.dumps(words, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(said.encode()).hexdigest()


def rankings(row: Campaign) -> list[Ranking]:
    """Every frozen month, the newest first."""
    found = MonthRanking.objects.filter(campaign=row).select_related("campaign", "bulletin", "seminar")
    return [_ranking(one) for one in found.order_by("-month")]


def ranking(ranking_id: int, scope: Scope) -> Ranking:
    """One frozen month; who sees a department of the campaign sees all of them here: a bulletin is for all to read."""
    row = (
        MonthRanking.objects.select_related("campaign__plan", "bulletin", "seminar")
        .filter(pk=ranking_id)
        .first()
    )
    if row is None or not (scope.all_rows or seen_departments(row.campaign, scope)):
        raise CampaignUnknown(f"没有排名 {ranking_id}")
    return _ranking(row)


def _ranking(row: MonthRanking) -> Ranking:
    names = org.institution_names(one["department"] for one in row.rows)
    rows = [one | {"name": names.get(one["department"], one["department"])} for one in row.rows]
    return Ranking(
        row.pk, row.campaign_id, row.campaign.title, row.month, row.stage, rows, row.rulebook, row.digest, row.frozen_at,
        getattr(row, "bulletin", None), getattr(row, "seminar", None), is_sound(row),
    )  # fmt: skip


def is_sound(row: MonthRanking) -> bool:
    """Whether the content is what the digest covers, and the places follow from the frozen figures."""
    sealed = row.digest == digest_of(row.campaign_id, row.month, row.stage, row.rows, row.ways, row.rulebook)
    return sealed and recomputed(row.rows, Ways(**row.ways))


def recomputed(rows: list[dict[str, Any]], ways: Ways) -> bool:
    """Whether the places follow again from the frozen figures, by what counted on that day."""
    frame = pl.DataFrame(
        [{name: r[name] for name in ("department", "quota", "second", "target_bp")} for r in rows]
    )
    again = {one["department"]: one for one in ranked(frame, ways).to_dicts()}
    return all(again[r["department"]][name] == r[name] for r in rows for name in _ASKED_AGAIN)


def since_frozen(found: Ranking, row: Campaign, on: date) -> dict[str, int]:
    """Department → how many more (or fewer) second purchases of that month the books show today: beside, never over."""
    now = ground(row, on).counts(found.month, last_day(found.month))
    second = dict(now.select("department", "second").iter_rows())
    differs = {one["department"]: second.get(one["department"], 0) - one["second"] for one in found.rows}
    return {department: n for department, n in differs.items() if n}


@transaction.atomic
def publish(scope: Scope, ranking_id: int, *, remark: str, by: int, at: datetime) -> None:
    """Publish the ranking: the bulletin names the low departments."""
    found = ranking(ranking_id, scope)
    if not org.is_person(by):
        raise CampaignRefused(_("通报须由在册人员发布"))
    if found.bulletin is not None:
        raise CampaignRefused(_("这个月的通报已经发布"))
    _once(lambda: Bulletin.objects.create(ranking_id=ranking_id, remark=remark.strip(), by_id=by, at=at))


@transaction.atomic
def grant_seminar(
    scope: Scope, ranking_id: int, department: str, *, remark: str = "", by: int, at: datetime
) -> None:
    """The best department may hold a product seminar; of several in the first place, the one that is chosen."""
    found = ranking(ranking_id, scope)
    if not org.is_person(by):
        raise CampaignRefused(_("专场须由在册人员给予"))
    if department not in {row["department"] for row in found.best}:
        raise CampaignRefused(_("专场产品说明会只给予当月排名第一的部门"))
    if found.seminar is not None:
        raise CampaignRefused(_("这个月的专场已经给予"))
    _once(
        lambda: SeminarGrant.objects.create(
            ranking_id=ranking_id, department_code=department, remark=remark.strip(), by_id=by, at=at
        )
    )


def _once(write: Any) -> None:
    try:
        with transaction.atomic():
            write()
    except IntegrityError as taken:
        raise CampaignRefused(_("刚刚有人办理了这一项；请刷新后再看")) from taken
