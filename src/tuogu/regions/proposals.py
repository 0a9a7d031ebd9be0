"""Local changes to the code book on their way to a version: proposed, judged, decided by a second person (S0-10).

In: rows of a file or of a form, with the document that ordered them. Out: a proposal with what it would do; a version, or
a refusal. Never: a change without source and document, one that its proposer approves, a version over another's changes
unjudged.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import polars as pl
from django.db import transaction

from tuogu.core.codebook_changes import problems, summed
from tuogu.data.codebook import Codebook
from tuogu.org import actions as org
from tuogu.org import queries as people
from tuogu.regions.effective import changes_frame, codebook_of, version_name, versions
from tuogu.regions.failures import RegionsRefused
from tuogu.regions.models import CodebookChange, CodebookProposal, CodebookVerdict

_NOTHING = "，没有写入任何内容"
_FIELDS = ("row", "kind", "old_code", "old_name", "new_code", "new_name", "parent_code")


@dataclass(frozen=True)
class DryRun:
    """What a change would do. `problems`: row, problem; empty = it can be proposed."""

    changes: pl.DataFrame
    counts: dict[str, int]
    problems: pl.DataFrame


@dataclass(frozen=True)
class Proposal:
    """A proposed change; `approved` is None while nobody has decided, `number` the version it became."""

    id: int
    effective_date: date
    source: str
    document: str
    note: str
    by: int
    at: datetime
    approved: bool | None
    number: int | None
    decided_by: int | None
    decided_at: datetime | None
    decided_note: str


def try_out(changes: pl.DataFrame) -> DryRun:
    """Judge CHANGES against the newest version; writes nothing."""
    book, strangers = _book_for(changes)
    judged = problems(changes, book.regions, book.events)
    return DryRun(changes, summed(changes), pl.concat([judged, strangers]).sort("row"))


@transaction.atomic
def propose(
    changes: pl.DataFrame,
    *,
    source: str,
    document: str,
    effective_date: date,
    note: str = "",
    by: int,
    at: datetime,
) -> int:
    """Store a change that has no problem, for a second person. RegionsRefused says what is missing or wrong."""
    source, document = source.strip(), document.strip()
    if not source or not document:
        raise RegionsRefused(f"请写明来源和文号{_NOTHING}")
    if changes.is_empty():
        raise RegionsRefused(f"没有一行变更{_NOTHING}")
    _after_the_last(effective_date)
    _refuse_problems(try_out(changes))
    proposal = CodebookProposal.objects.create(
        effective_date=effective_date, source=source, document=document, note=note.strip(), by_id=by, at=at
    )
    CodebookChange.objects.bulk_create(
        CodebookChange(proposal=proposal, **{name: row[name] for name in _FIELDS})
        for row in changes.iter_rows(named=True)
    )
    return int(proposal.pk)


@transaction.atomic
def decide(proposal: int, *, approve: bool, note: str = "", by: int, at: datetime) -> int | None:
    """Approve (returns the version's number) or decline. RegionsRefused for the proposer, a decided proposal, or one that no
    longer fits the newest version."""
    org.lock_person(people.machine())  # two approvals come one after the other: numbers have no gap
    found = CodebookProposal.objects.filter(pk=proposal).first()
    if found is None:
        raise RegionsRefused(f"没有这项变更{_NOTHING}")
    if CodebookVerdict.objects.filter(proposal=found).exists():
        raise RegionsRefused(f"这项变更已经有人决定{_NOTHING}")
    if found.by_id == by:
        raise RegionsRefused(f"提出人不能自己批准，请另一人复核{_NOTHING}")
    if not people.is_person(by):
        raise RegionsRefused(f"须由在册人员复核{_NOTHING}")
    number = None
    if approve:
        _after_the_last(found.effective_date)
        _refuse_problems(try_out(changes_of(proposal)))
        number = versions()[-1].number + 1
    CodebookVerdict.objects.create(
        proposal=found,
        approved=approve,
        number=number,
        note=note.strip(),
        proposed_by_id=found.by_id,
        by_id=by,
        at=at,
    )
    return number


def proposals() -> list[Proposal]:
    """Every proposal, the newest first."""
    rows = CodebookProposal.objects.select_related("verdict").order_by("-id")
    return [_proposal(row) for row in rows]


def proposal_of(proposal: int) -> Proposal | None:
    """One proposal; None when there is none."""
    row = CodebookProposal.objects.select_related("verdict").filter(pk=proposal).first()
    return None if row is None else _proposal(row)


def changes_of(proposal: int) -> pl.DataFrame:
    """CHANGES of a proposal."""
    rows = CodebookChange.objects.filter(proposal_id=proposal).order_by("row", "id")
    return changes_frame(rows.values_list(*_FIELDS))


def _proposal(row: CodebookProposal) -> Proposal:
    verdict = getattr(row, "verdict", None)
    decided = (verdict.approved, verdict.number, verdict.by_id, verdict.at, verdict.note) if verdict else None
    return Proposal(
        row.pk, row.effective_date, row.source, row.document, row.note, row.by_id, row.at,
        *(decided or (None, None, None, None, "")),
    )  # fmt: skip


def _book_for(changes: pl.DataFrame) -> tuple[Codebook, pl.DataFrame]:
    """The newest version of every city that the changes speak of, and a problem for each row of an unknown city."""
    code = pl.coalesce("old_code", "new_code").fill_null("").str.head(4)
    named = changes.select("row", city=code)
    known = set(codebook_of(["1101"], 0).regions["code"]) | set(codebook_of(["1101"], 0).elsewhere["code"])
    strange = named.filter(~pl.col("city").is_in(list(known)) & (pl.col("city") != ""))
    cities = sorted(set(named["city"]) & {code for code in known if len(code) == 4}) or ["1101"]
    told = strange.select("row", problem=pl.lit("编码簿中没有城市 ") + pl.col("city"))
    return codebook_of(cities, versions()[-1].number), told


def _after_the_last(effective_date: date) -> None:
    last = versions()[-1]
    if last.effective_date and effective_date < last.effective_date:
        raise RegionsRefused(
            f"生效日 {effective_date} 早于现有版本 {version_name(last.number)} 的生效日 {last.effective_date}{_NOTHING}"
        )


def _refuse_problems(dry: DryRun) -> None:
    if dry.problems.height:
        row, problem = dry.problems.row(0)
        more = f"（另有 {dry.problems.height - 1} 处）" if dry.problems.height > 1 else ""
        raise RegionsRefused(f"第 {row} 行：{problem}{more}{_NOTHING}")
