"""Scripts for contact and closing: which there are, who spoke by which version how often, and who rehearsed (S2-18).

In: a version of a script, a person, a day. Out: uses, counted by version. Never: a use of a version that nobody approved, or
before it came into effect; a use of tomorrow.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Count, Max, QuerySet, Sum
from django.utils.translation import gettext as _

from tuogu.campaigns.failures import CampaignRefused
from tuogu.campaigns.models import ScriptUse
from tuogu.core.custody import business_date
from tuogu.corrections import queries as corrections
from tuogu.corrections.queries import ScriptVersion
from tuogu.corrections.words import CAMPAIGN
from tuogu.org import queries as org
from tuogu.org.scope import Scope

Purpose = ScriptUse.Purpose
TIMES_MAX = 999  # the column's own bound


@dataclass(frozen=True)
class UsedScript:
    """A version with its counts, by purpose; `usable`: in effect, approved, the newest of its name."""

    script: ScriptVersion
    usable: bool
    times: dict[str, int]
    people: int
    last: date | None

    @property
    def total(self) -> int:
        return sum(self.times.values())


def used_scripts(scope: Scope, on: date) -> list[UsedScript]:
    """Every version of the campaign's scripts, with what people within scope did by it."""
    usable = {one.id for one in corrections.usable_scripts(on)}
    rows = _within(scope)
    times: dict[int, dict[str, int]] = {}
    for script, purpose, n in rows.values_list("script", "purpose").annotate(n=Sum("times")):
        times.setdefault(script, {})[purpose] = n
    who = {
        script: (people, last)
        for script, people, last in rows.values_list("script").annotate(
            people=Count("person", distinct=True), last=Max("used_date")
        )
    }
    return [
        UsedScript(one, one.id in usable, times.get(one.id, {}), *who.get(one.id, (0, None)))
        for one in corrections.scripts()
        if one.use in CAMPAIGN
    ]


def own_uses(person: int, limit: int) -> list[ScriptUse]:
    """What somebody wrote down last."""
    return list(ScriptUse.objects.filter(person_id=person).select_related("script").order_by("-pk")[:limit])


def use_script(
    script: int, *, person: int, used_date: date, purpose: str, times: int, by: int, at: datetime
) -> int:
    """Write down that somebody spoke by it; its id."""
    if purpose not in Purpose.values:
        raise CampaignRefused(_("请选择用途：演练、接触或促成"))
    if used_date > business_date(at):
        raise CampaignRefused(_("使用日期不能在今天以后"))
    if not 1 <= times <= TIMES_MAX:
        raise CampaignRefused(_("次数应为 1 至 999"))
    if script not in {one.id for one in corrections.usable_scripts(used_date) if one.use in CAMPAIGN}:
        raise CampaignRefused(_("只能登记当日已核准并生效的活动话术"))
    if not org.is_person(person) or not org.is_person(by):
        raise CampaignRefused(_("使用人须是在册人员"))
    row = ScriptUse.objects.create(
        script_id=script, person_id=person, used_date=used_date, purpose=purpose, times=times, by_id=by, at=at
    )
    return int(row.pk)


def _within(scope: Scope) -> QuerySet[ScriptUse]:
    people = org.custodians_within(scope)
    return ScriptUse.objects.all() if people is None else ScriptUse.objects.filter(person_id__in=people)
