"""Return-visit programmes: whom to call, frozen when the programme is made (S0-06).

In: a scope, what the list is chosen by, an approved script. Out: a programme whose list and digest never change. Never: a
customer outside the scope, an empty list, a list that follows the books afterwards; a customer whose data may only be kept
(L-07): making data whole is no duty of the contract, so a block stops it, where it does not stop a notice
(notices.preparing) or an amendment that the customer asks for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction

from tuogu.books import queries as books
from tuogu.core.completeness import completeness
from tuogu.core.custody import business_date
from tuogu.core.draw import list_digest
from tuogu.core.rulebook import Rulebook
from tuogu.corrections import scripts
from tuogu.corrections.failures import CorrectionRefused
from tuogu.corrections.holding import open_holds
from tuogu.corrections.models import Finding, Programme, Target, TruthCheck
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.privacy import queries as privacy
from tuogu.regions import queries as regions
from tuogu.rules import queries as rules

_WHOLE_BP = 10_000  # a share in hundredths of a percent
_SHOWN = 5  # numbers named in a refusal


@dataclass(frozen=True)
class Selection:
    """What a list is chosen by; what is empty narrows nothing. `numbers`: picked by hand."""

    institution_code: str
    region: str = ""  # the beginning of an official community code
    zones: tuple[int, ...] = ()  # drawn on the map, any of them
    below_bp: int | None = None  # completeness below it
    kinds: tuple[str, ...] = ()  # findings of the newest check, any of them
    numbers: tuple[str, ...] = ()


def select(scope: Scope, wanted: Selection, rulebook: Rulebook, *, on: date) -> list[str]:
    """The customers that `wanted` names, by number: holders of live policies within scope and institution, who live in the
    zones as they stand on that day."""
    if wanted.institution_code not in org.institutions_within(scope):
        raise CorrectionRefused("这个机构不在您的范围内；没有建立回访计划")
    inside = Scope(institution_codes=frozenset({wanted.institution_code}))
    communities = _communities(wanted.zones, on) if wanted.zones else None
    found = books.reached(scope, inside=inside, region=wanted.region, communities=communities)[
        "customer_number"
    ]
    blocked = privacy.blocked_numbers()
    found = found.filter(~found.is_in(pl.Series(sorted(blocked), dtype=pl.String).implode()))
    if wanted.numbers:
        if kept := sorted(blocked & set(wanted.numbers)):
            raise CorrectionRefused(
                f"有 {len(kept)} 位客户已停止处理个人信息，不能回访，例如 {'、'.join(kept[:_SHOWN])}；没有建立回访计划"
            )
        lost = sorted(set(wanted.numbers) - set(found))
        if lost:
            raise CorrectionRefused(
                f"有 {len(lost)} 个客户号不在范围内，例如 {'、'.join(lost[:_SHOWN])}；没有建立回访计划"
            )
        found = pl.Series(sorted(set(wanted.numbers)), dtype=pl.String)
    if wanted.kinds:
        found = found.filter(found.is_in(found_numbers(wanted.kinds).implode()))
    if wanted.below_bp is not None:
        scores = scores_of(found.to_list(), rulebook)
        low = scores.filter(pl.col("completeness") * _WHOLE_BP < wanted.below_bp)
        found = found.filter(found.is_in(low["customer_number"].implode()))
    return sorted(found)


def _communities(zones: Sequence[int], on: date) -> set[str]:
    """The communities that lie in any of these zones."""
    if lost := set(zones) - {zone.id for zone in regions.zones(on)}:
        raise CorrectionRefused(f"有 {len(lost)} 个地图区域不存在或已结束；没有建立回访计划")
    found = {code for zone in zones for code in books.zone_communities(zone, on)}
    if not found:
        raise CorrectionRefused("所选地图区域里没有已知位置的社区，或坐标系与社区坐标不同；没有建立回访计划")
    return found


def found_numbers(kinds: Sequence[str]) -> pl.Series:
    """Customers of whom the newest check found one of these kinds."""
    newest = TruthCheck.objects.order_by("-pk").values_list("pk", flat=True).first()
    rows = Finding.objects.filter(check_run=newest, kind__in=list(kinds)).values_list(
        "customer_number", flat=True
    )
    return pl.Series(list(rows.distinct()), dtype=pl.String)


def scores_of(numbers: Sequence[str], rulebook: Rulebook) -> pl.DataFrame:
    """customer_number, completeness (0..1) as stored now (S0-05)."""
    return completeness(books.filled(numbers), rulebook["completeness.weights"])


def mean_bp(numbers: Sequence[str], rulebook: Rulebook) -> int:
    """Mean completeness of these customers in hundredths of a percent; 0 of none."""
    mean = scores_of(numbers, rulebook)["completeness"].mean()
    return round(float(mean) * _WHOLE_BP) if isinstance(mean, float) else 0


@transaction.atomic
def make_programme(
    scope: Scope, wanted: Selection, *, name: str, purpose: str, script_id: int, first_date: date, until_date: date,
    hold_reason: str = "", by: int, at: datetime,
) -> int:  # fmt: skip
    """Freeze the list and open the programme; returns its id. With `hold_reason` every customer on it is marked until
    corrected (L-09)."""
    if not name.strip() or not purpose.strip():
        raise CorrectionRefused("请写明回访计划的名称和目的；没有建立")
    if until_date <= first_date or until_date <= business_date(at):
        raise CorrectionRefused("回访期间的末日早于首日，或已经过去；没有建立")
    script = scripts.usable(script_id, first_date)
    rulebook = rules.applicable(business_date(at))
    numbers = select(scope, wanted, rulebook, on=business_date(at))
    if not numbers:
        raise CorrectionRefused("没有符合条件的客户；没有建立回访计划")
    row = Programme.objects.create(
        name=name.strip(), institution_code=wanted.institution_code, purpose=purpose.strip(), script=script,
        first_date=first_date, until_date=until_date, selection=_snapshot(wanted, business_date(at)), size=len(numbers),
        digest=list_digest(numbers), completeness_bp=mean_bp(numbers, rulebook), made_by_id=by, made_at=at,
    )  # fmt: skip
    Target.objects.bulk_create(
        Target(programme=row, place=place, customer_number=number)
        for place, number in enumerate(numbers, start=1)
    )
    if hold_reason.strip():
        open_holds(numbers, reason=hold_reason, programme=row.pk, by=by, at=at)
    return int(row.pk)


def _snapshot(wanted: Selection, on: date) -> dict[str, object]:
    """As it is kept: numbers picked by hand are the list itself, only their count is said; zones by the version that was
    asked, for a zone may be drawn anew."""
    zones = [
        {"id": zone.id, "name": zone.name, "number": zone.number}
        for zone in regions.zones(on)
        if zone.id in wanted.zones
    ]
    kept = asdict(wanted) | {"kinds": list(wanted.kinds), "zones": zones, "numbers": len(wanted.numbers)}
    return {name: value for name, value in kept.items() if value not in ("", None, [], 0)}
