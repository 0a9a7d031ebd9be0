"""Versions of the wordings: drafted by one, approved by another, never changed.

In: a text. Out: versions; the one in use. Never: a version in use that only its author has read.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Max

from tuogu.notices.failures import NoticeRefused
from tuogu.notices.models import Template, TemplateDecision
from tuogu.notices.wording import Wording, checked, shipped


@dataclass(frozen=True)
class Version:
    """One version as the page shows it. state: asked | approved | declined."""

    id: int
    channel: str
    version: int
    title: str
    body: str
    state: str
    drafted_by: int
    drafted_at: datetime
    decided_by: int | None
    decided_at: datetime | None
    reason: str
    current: bool


def current(channel: str) -> Wording:
    """The newest approved version; before the first, the one that comes with the program."""
    found = Template.objects.filter(channel=channel, decision__approved=True).order_by("-version").first()
    return (
        shipped(channel) if found is None else Wording(channel, str(found.version), found.title, found.body)
    )


@transaction.atomic
def draft(channel: str, *, title: str, body: str, by: int, at: datetime) -> int:
    """A further version; it waits for a second person. NoticeRefused when it lacks what the law asks for."""
    title, body = checked(channel, title, body)
    last = Template.objects.filter(channel=channel).aggregate(last=Max("version"))["last"] or 0
    made = Template.objects.create(
        channel=channel, version=last + 1, title=title, body=body, drafted_by_id=by, drafted_at=at
    )
    return int(made.pk)


@transaction.atomic
def decide(template: int, *, approve: bool, by: int, at: datetime, reason: str = "") -> None:
    """Approve or decline a version. NoticeRefused by its author, or when somebody has decided."""
    found = Template.objects.select_for_update().filter(pk=template).first()
    if found is None or TemplateDecision.objects.filter(template=template).exists():
        raise NoticeRefused("这个版本不存在或已有结论；没有写入任何数据")
    if found.drafted_by_id == by:
        raise NoticeRefused("起草人不能复核自己的版本，请另一人复核；没有写入任何数据")
    if not approve and not reason.strip():
        raise NoticeRefused("不同意时请写明原因；没有写入任何数据")
    TemplateDecision.objects.create(
        template=found,
        approved=approve,
        drafted_by_id=found.drafted_by_id,
        by_id=by,
        at=at,
        reason=reason.strip(),
    )


def versions(channel: str = "") -> list[Version]:
    """Every version, the newest first."""
    rows = Template.objects.select_related("decision").order_by("channel", "-version")
    rows = rows.filter(channel=channel) if channel else rows
    in_use = {name: current(name).version for name in {row.channel for row in rows}}
    return [_version(row, in_use[row.channel]) for row in rows]


def waiting(decider: int) -> list[Version]:
    """Drafts of others that wait for a second person; not those behind a version that is in use already."""
    rows = versions()
    newest = {row.channel: row.version for row in reversed(rows) if row.state == "approved"}
    return [
        row
        for row in rows
        if row.state == "asked" and row.drafted_by != decider and row.version > newest.get(row.channel, 0)
    ]


def _version(row: Template, in_use: str) -> Version:
    decision = getattr(row, "decision", None)
    state = "asked" if decision is None else "approved" if decision.approved else "declined"
    return Version(
        int(row.pk), row.channel, row.version, row.title, row.body, state, row.drafted_by_id, row.drafted_at,
        decision.by_id if decision else None, decision.at if decision else None, decision.reason if decision else "",
        in_use == str(row.version),
    )  # fmt: skip
