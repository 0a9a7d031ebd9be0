"""Takes an import back: what it alone opened, and nobody has touched since, is closed and leaves the books.

In: an import, a reason, two people. Out: a close entry for each such policy (import_reverted), its rows and those of its
riders and customers removed, of motor policies as well (`also_stored`), so that a corrected file of the same data date can
come in. Never: a policy touched that was released, claimed, listed, taken over or imported again since (those are listed); a
change of people but that they have not left after all (the leave's pieces that nobody has touched return), of institutions,
of rows that were there before; the same import taken back twice; one person who asks and agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import polars as pl
from django.db import transaction

from tuogu.books import also_stored, listing
from tuogu.books.failures import ImportRefused
from tuogu.books.models import ImportRevert, ImportRun, Policy, Rider
from tuogu.books.removing import remove
from tuogu.core.custody import business_date
from tuogu.ledger import actions as ledger
from tuogu.ledger import queries as custody
from tuogu.ledger.kinds import EntryKind
from tuogu.org import queries as staff
from tuogu.org.failures import OrgError
from tuogu.rules import queries as rules

RULE_REVERT = "P-13"
REASON = "import_reverted"
LATER_IMPORT = "后来的导入更新过"
CONFLICTS = {"number": pl.String, "why": pl.String}
_WORDS = {kind.value: str(kind.label) for kind in EntryKind}


@dataclass(frozen=True)
class RevertPreview:
    """What taking an import back would do now. `kept`: what the import changed that stays as it is, by name of count."""

    policies: int
    open: int  # of them, custody that would be closed; the others have ended already
    conflicts: pl.DataFrame  # CONFLICTS by number
    kept: dict[str, int]
    leaves: int  # leaves that came with it and stand
    returned: int  # pieces that go back to those people
    beside: dict[str, int]  # rows of rooms above that would go, by name of count (motor policies)
    conflicts_beside: frozenset[str]  # numbers among the conflicts that are no policies of the books

    @property
    def rows(self) -> int:
        """Policies of every kind that would go."""
        return self.policies + sum(self.beside.values())


@dataclass(frozen=True)
class Reverted:
    """What was done. `already`: it had been taken back before, nothing happened now."""

    already: bool
    counts: dict[
        str, int
    ]  # policies, riders, customers, closed, conflicts, leaves, returned; of rooms above, e.g. motor
    conflicts: pl.DataFrame


def preview_revert(run_id: int) -> RevertPreview:
    """What `confirm_revert` would do now; writes nothing. ImportRefused for an unknown import or one taken back already."""
    run = _run(run_id)
    back, conflicts = _judge(run)
    beside = also_stored.parts(run, _WORDS)
    kept = {
        "updated": run.counts.get("policies", 0) - back.height - conflicts.height,
        **{name: run.counts.get(name, 0) for name in ("people_new", "people_left", "institutions")},
        **{name: run.counts.get(name, 0) for name in ("closed", "reopened", "moved_by_leaving")},
    }
    ended_in_it = back.filter(~pl.col("open")).height
    kept["closed"] = max(0, kept["closed"] - ended_in_it)
    kept["updated"] = max(0, kept["updated"])
    pieces = custody.pieces_of(_own(run))
    kept["people_left"] = max(0, kept["people_left"] - len(pieces))
    kept["moved_by_leaving"] = max(0, kept["moved_by_leaving"] - sum(pieces.values()))
    return RevertPreview(
        back.height, sum(int(rows["open"].sum()) for rows in (back, *(part.back for part in beside))),
        _all_conflicts(conflicts, beside), kept, len(pieces), sum(pieces.values()),
        {part.room.counted: part.back.height for part in beside},
        frozenset(number for part in beside for number in part.conflicts["number"]),
    )  # fmt: skip


@transaction.atomic
def ask_revert(run_id: int, *, reason: str, by: int, at: datetime) -> int:
    """Ask for an import to be taken back; nothing changes until a second person agrees. Returns the request's id."""
    run = _run(run_id)
    if not reason.strip():
        raise ImportRefused("撤回导入须写明理由")
    if not staff.is_person(by):
        raise ImportRefused("撤回导入须由在册人员提出")
    if ImportRevert.objects.filter(import_run=run, state=ImportRevert.State.ASKED).exists():
        raise ImportRefused("这次导入已有人提出撤回，等待复核")
    seen = [_judge(run)[0], *(part.back for part in also_stored.parts(run, _WORDS))]
    if all(back.is_empty() for back in seen) and not custody.pieces_of(_own(run)):
        raise ImportRefused("这次导入没有可撤回的保单：它建立的保单之后都有变动，或它没有新建保单")
    row = ImportRevert.objects.create(import_run=run, reason=reason.strip(), asked_by_id=by, asked_at=at)
    return int(row.pk)


@transaction.atomic
def decline_revert(run_id: int, *, by: int, at: datetime) -> None:
    """Turn the request down, or withdraw one's own; nothing changes."""
    rows = ImportRevert.objects.filter(import_run_id=run_id, state=ImportRevert.State.ASKED)
    if not rows.update(state=ImportRevert.State.DECLINED, decided_by_id=by, decided_at=at):
        raise ImportRefused("没有待复核的撤回申请")


def confirm_revert(run_id: int, *, by: int, at: datetime) -> Reverted:
    """A second person agrees: the import is taken back in one transaction."""
    with transaction.atomic():
        run = ImportRun.objects.select_for_update().filter(pk=run_id).first()
        if run is not None and run.reverted_at is not None:
            outcome = run.reverts.get(state=ImportRevert.State.DONE).outcome
            return Reverted(True, outcome, pl.DataFrame(schema=CONFLICTS))
        asked = ImportRevert.objects.filter(import_run_id=run_id, state=ImportRevert.State.ASKED).first()
        if run is None or asked is None:
            raise ImportRefused("没有待复核的撤回申请")
        if asked.asked_by_id == by:
            raise ImportRefused("撤回导入须由另一人复核")
        if not staff.is_person(by):
            raise ImportRefused("复核须由在册人员进行")
        result = _take_back(run, asked, by, at)
    ledger.seal_pending(by=by, recorded_at=at)
    return result


def revert_import(run_id: int, *, reason: str, by: int, approved_by: int, at: datetime) -> Reverted:
    """Ask and confirm in one call, for a face where both sign at once. Calling it again changes nothing."""
    if ImportRun.objects.filter(pk=run_id, reverted_at__isnull=False).exists():
        return confirm_revert(run_id, by=approved_by, at=at)
    with transaction.atomic():
        ask_revert(run_id, reason=reason, by=by, at=at)
        return confirm_revert(run_id, by=approved_by, at=at)


def _take_back(run: ImportRun, asked: ImportRevert, by: int, at: datetime) -> Reverted:
    back, conflicts = _judge(run)
    beside = also_stored.parts(run, _WORDS)
    conflicts = _all_conflicts(conflicts, beside)
    gone = pl.concat([back, *(part.back for part in beside)])
    closed = ledger.close(
        gone.filter("open").select("subject_id", effective_date=pl.lit(business_date(at))),
        by=asked.asked_by_id, approved_by=by, recorded_at=at, rule=RULE_REVERT, reason_code=REASON,
    )  # fmt: skip
    counts = remove(run, back, beside, business_date(at))
    for part in beside:
        if removed := part.room.remove(part.back["subject_id"].to_list(), by=by, at=at):
            counts[part.room.counted] = removed
    counts |= {"closed": closed.posted if closed else 0, "conflicts": conflicts.height}
    counts |= _back_in_post(run, asked.asked_by_id, by, at)
    run.reverted_at = at
    run.save(update_fields=["reverted_at"])
    asked.state, asked.decided_by_id, asked.decided_at = ImportRevert.State.DONE, by, at
    asked.outcome = counts
    asked.save(update_fields=["state", "decided_by", "decided_at", "outcome"])
    return Reverted(False, counts, conflicts)


def _back_in_post(run: ImportRun, by: int, approved_by: int, at: datetime) -> dict[str, int]:
    """The leaves that came with the import are taken back; one whose date was corrected since stays."""
    leaves = returned = 0
    for batch in custody.pieces_of(_own(run)):  # a handful: each act is set-based
        try:
            done = ledger.take_back_leave(
                batch, by=by, approved_by=approved_by, recorded_at=at, rule=RULE_REVERT, reason_code=REASON
            )
        except OrgError:
            continue
        leaves, returned = leaves + 1, returned + done.posted
    agents = staff.staff_ids().filter(pl.col("custodian_id").is_in(custody.leavers_of(_own(run))))
    today = business_date(at)
    listing.refresh(listing.touched(agents=agents["staff_number"]), rules.applicable(today), today)
    return {"leaves": leaves, "returned": returned}


def _own(run: ImportRun) -> list[int]:
    return [batch for batch in run.batches if batch is not None]


def _run(run_id: int) -> ImportRun:
    run = ImportRun.objects.filter(pk=run_id).first()
    if run is None:
        raise ImportRefused(f"没有导入 {run_id}")
    if run.reverted_at is not None:
        raise ImportRefused(f"导入 {run_id} 已经撤回")
    if not run.batches:
        raise ImportRefused(f"导入 {run_id} 没有记下它建立了哪些责任，不能撤回")
    return run


def _judge(run: ImportRun) -> tuple[pl.DataFrame, pl.DataFrame]:
    """subject_id, number, open of what can be taken back; CONFLICTS of the rest that this import opened."""
    first, own = run.batches[0], _own(run)
    if first is None:
        return pl.DataFrame(
            schema={"subject_id": pl.Int64, "number": pl.String, "open": pl.Boolean}
        ), pl.DataFrame(schema=CONFLICTS)
    opened = custody.opened_by(first, own)
    mine = list(Policy.objects.filter(import_run=run).values_list("number", flat=True))
    written = pl.DataFrame({"number": mine}, schema={"number": pl.String}).with_columns(mine=pl.lit(True))
    later = list(
        Rider.objects.filter(import_run_id__gt=run.pk).values_list("main_policy_number", flat=True).distinct()
    )
    judged = opened.join(written, on="number", how="left").with_columns(
        imported_since=pl.col("mine").is_null() | pl.col("number").is_in(later)
    )
    why = (
        pl.when(pl.col("later_kind").is_not_null())
        .then(
            pl.col("later_kind").replace_strict(_WORDS, default=pl.col("later_kind"), return_dtype=pl.String)
        )
        .when("imported_since")
        .then(pl.lit(LATER_IMPORT))
    )
    told = judged.with_columns(why=why)
    back = told.filter(pl.col("why").is_null()).select(
        "subject_id", "number", open=pl.col("custodian_id").is_not_null()
    )
    return back, told.filter(pl.col("why").is_not_null()).select(*CONFLICTS).sort("number")


def _all_conflicts(own: pl.DataFrame, beside: Sequence[also_stored.Part]) -> pl.DataFrame:
    """CONFLICTS by number."""
    return pl.concat([own, *(part.conflicts for part in beside)]).sort("number")
