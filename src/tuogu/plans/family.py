"""Revisions of a draft: which came from which.

In: a stored plan. Out: the plans that it revises, and every plan of the same origin. Never: a plan of another origin.
"""

from __future__ import annotations

from tuogu.plans.models import StoredPlan


def ancestors(stored: StoredPlan) -> list[StoredPlan]:
    """The plan and what it revises, back to the one that the program made."""
    line = [stored]
    while line[-1].adjusts is not None:
        line.append(line[-1].adjusts)
    return line


def relatives(stored: StoredPlan) -> list[StoredPlan]:
    """Every other plan of the same origin, oldest first."""
    found = [ancestors(stored)[-1]]
    for known in found:  # grows as revisions of revisions are found
        found += StoredPlan.objects.filter(adjusts=known).order_by("pk")
    return [plan for plan in sorted(found, key=lambda plan: plan.pk) if plan.pk != stored.pk]
