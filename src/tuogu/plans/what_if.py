"""Plans by another rulebook than the one in force on their day: to look at, never to approve (N-04).

In: stored plans. Out: for each, why nobody can approve it ('' = it may be). Never: a judgement stored (a version adopted
later may change it), more queries for more plans.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from tuogu.plans.models import StoredPlan
from tuogu.rules import queries as rules


def what_ifs(plans: Sequence[StoredPlan]) -> dict[int, str]:
    """plan → the sentence, for plans whose `rulebook` was fetched with them."""
    if not plans:
        return {}
    adopted = rules.versions()  # by name, newest effective date first
    return {plan.pk: _said(plan, _in_force(adopted, plan.rulebook.name, plan.as_of)) for plan in plans}


def what_if(stored: StoredPlan) -> str:
    """`what_ifs` of one plan."""
    return what_ifs([stored])[stored.pk]


def _in_force(adopted: Sequence[dict[str, object]], name: str, on: date) -> str:
    """The version in force on a day. Storing a plan adopts its rulebook, so there is one; before its first effective day
    the earliest counts, as `rules.applicable` falls back to the shipped book."""
    own = [row for row in adopted if row["name"] == name]
    begun = [row for row in own if row["effective_date"] <= on]  # type: ignore[operator]  # dates of a values() row
    return str((begun[0] if begun else own[-1])["version"])


def _said(stored: StoredPlan, in_force: str) -> str:
    used = stored.rulebook.version
    if _numbers(used) == _numbers(in_force):
        return ""
    return f"按制度 {used} 试算；基准日 {stored.as_of} 施行的是制度 {in_force}，试算方案不能审批"


def _numbers(version: str) -> str:
    """Whose numbers a version has: "2026.4+2027.1" is 2026.4 with parameters that only 2027.1 knows."""
    return version.partition("+")[0]
