"""What a push does: rows of a machine go the way of a file's rows, events become leaves and changed rows.

In: plain rows, the key that sends them. Out: how many were accepted, every rejected row with its reason; accepted + rejected
= sent. Never: a second way into the books (this is `storing.import_file`, coverage partial); a row outside the key's scope;
a personal value in a reason (reasons are masked as for files).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl
from django.db import transaction

from tuogu.books import actions as books_actions
from tuogu.books import queries as books
from tuogu.core.intake_rows import compare_columns
from tuogu.core.intake_sheet import read_sheet
from tuogu.core.intake_tables import ROW, SHEETS, RawSheet, RawWorkbook, plain_sheet
from tuogu.integration import actions as integration
from tuogu.integration import queries as pushes
from tuogu.integration.queries import Caller
from tuogu.jobs import storing
from tuogu.jobs.asked import Asked, Clock
from tuogu.jobs.canaries import without_canaries
from tuogu.jobs.flow import FlowRefused
from tuogu.jobs.progress import Inside, Steps
from tuogu.jobs.push_scope import outside
from tuogu.ledger.failures import LedgerError
from tuogu.org import queries as org
from tuogu.org.failures import OrgError

EVENTS = "events"
# how long each step takes of a whole, in percent
PUSH_STEPS = (("规范数据", 15), ("载入地址编码簿", 5), ("编码与分类", 20), ("入库并建立责任台账", 60))
_OUT_OF_SCOPE = "不在这把密钥的范围内，或没有这个编号"
_SKIPPED = "空行、合计行或模板示例，不是数据"
_INVENTED = "这是本系统导出时加入的虚构行"
_FEN = 100  # of a yuan
_TAKEN, _NOT_UNDERSTOOD = 200, 422  # of HTTP


@dataclass
class Pushed:
    """What came of the rows. Rejected: row (from 1), field (null = the whole row), reason (code), detail (Chinese)."""

    sent: int
    rejected: list[dict[str, Any]] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)
    import_run: int | None = None
    already: bool = False

    @property
    def rejected_rows(self) -> int:
        """A row may have several reasons."""
        return len({line["row"] for line in self.rejected})

    def told(self) -> dict[str, Any]:
        """As the answer of the call says it."""
        return {
            "sent": self.sent, "accepted": self.sent - self.rejected_rows, "rejected": self.rejected_rows,
            "rejections": sorted(self.rejected, key=lambda line: (line["row"], line["reason"])),
            "already": self.already, "import_id": self.import_run, "counts": self.counts,
        }  # fmt: skip


class Quiet:
    """Progress that nobody listens to: a call that answers at once."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Inside]:  # noqa: ARG002 - the shape of Steps
        yield lambda _label, _fraction: None


def perform(
    kind: str, content: Mapping[str, Any], caller: Caller, *, clock: Clock, progress: Steps
) -> Pushed:
    """Do what a push asks for. FlowRefused when it is refused as a whole."""
    if kind == EVENTS:
        return _events(content[EVENTS], caller, clock=clock, progress=progress)
    day = date.fromisoformat(content["data_date"])
    return _rows(kind, content["rows"], day, caller, clock=clock, progress=progress)


def run_push(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """arguments: push. Result: push, accepted, rejected. Effect and answer are one transaction; run again after a crash, it
    finds the answer and changes nothing."""
    push = asked.arguments["push"]
    found = pushes.waiting_body(push)
    if found is None:
        return {"push": push}
    key, kind, body = found
    try:
        caller = pushes.caller(key, at=clock())
        if caller is None:
            raise FlowRefused("密钥已经停用，推送没有入库")
        with transaction.atomic():
            pushed = perform(kind, json.loads(body), caller, clock=clock, progress=progress)
            answer(push, pushed, clock())
    except FlowRefused as refusal:
        integration.finish(
            push, status=_NOT_UNDERSTOOD, content={"detail": str(refusal)}, accepted=0, rejected=0, import_run=None,
            at=clock(), state="refused",
        )  # fmt: skip
        raise
    return {"push": push, "accepted": pushed.sent - pushed.rejected_rows, "rejected": pushed.rejected_rows}


def answer(push: int, pushed: Pushed, at: datetime) -> pushes.Answer:
    """Write what came of a push as its answer."""
    told = pushed.told()
    return integration.finish(
        push, status=_TAKEN, content=told, accepted=told["accepted"], rejected=told["rejected"],
        import_run=pushed.import_run, at=at,
    )  # fmt: skip


def _rows(
    kind: str, rows: Sequence[Mapping[str, Any]], day: date, caller: Caller, *, clock: Clock, progress: Steps
) -> Pushed:
    pushed = Pushed(len(rows))
    sheet = _sheet(kind, rows)
    kept = without_canaries(RawWorkbook({kind: sheet}, format="json")).sheets[kind]
    pushed.rejected += _dropped(sheet, kept, "invented_row", _INVENTED)
    values = compare_columns(read_sheet(kept), day).values
    foreign = outside(kind, values, caller.scope)
    data = set(values[ROW]) - foreign.keys()
    pushed.rejected += [_line(row, name, "out_of_scope", _OUT_OF_SCOPE) for row, name in foreign.items()]
    skipped = set(kept.frame[ROW]) - set(values[ROW])
    pushed.rejected += [_line(row, None, "skipped_row", _SKIPPED) for row in skipped]
    if not data:
        return pushed
    wanted = RawSheet(
        kind, kept.name, kept.frame.filter(pl.col(ROW).is_in(sorted(data))), kept.headers, kept.mapping, 0
    )
    imported = storing.import_file(
        RawWorkbook({kind: wanted}, format="json"), name=f"接口 {caller.name}", coverage="partial", data_date=day,
        classified_on=day, city=None, by=caller.person, clock=clock, progress=progress,
    )  # fmt: skip
    for line in imported.prepared.file.intake.rejects.iter_rows(named=True):
        pushed.rejected.append(_line(line["row"], line["column"], line["reason"], line["detail"]))
    pushed.counts, pushed.import_run = imported.result.counts | imported.motor, imported.result.import_run
    pushed.already = imported.result.already
    return pushed


def _sheet(kind: str, rows: Sequence[Mapping[str, Any]]) -> RawSheet:
    """The rows as the cells of a sheet: every column, as text; amounts in yuan, as the templates have them."""
    columns = {name: [_cell(name, row.get(name)) for row in rows] for name in SHEETS[kind]}
    numbered = {ROW: range(1, len(rows) + 1)} | columns
    schema = {ROW: pl.Int64} | dict.fromkeys(columns, pl.String)
    return plain_sheet(kind, pl.DataFrame(numbered, schema=schema))


def _cell(name: str, value: Any) -> str | None:
    if value is None:
        return None
    if isinstance(value, bool):
        return "是" if value else "否"
    if name.endswith("_fen") and isinstance(value, int):
        yuan, fen = divmod(abs(value), _FEN)
        return f"{'-' if value < 0 else ''}{yuan}.{fen:02d}"
    return str(value)


def _dropped(before: RawSheet, after: RawSheet, reason: str, detail: str) -> list[dict[str, Any]]:
    return [_line(row, None, reason, detail) for row in set(before.frame[ROW]) - set(after.frame[ROW])]


def _line(row: int, column: str | None, reason: str, detail: str | None) -> dict[str, Any]:
    return {"row": row, "field": column, "reason": reason, "detail": detail or ""}


def _events(events: Sequence[Mapping[str, Any]], caller: Caller, *, clock: Clock, progress: Steps) -> Pushed:
    """Leavers first, each its own act; then every changed state in one import for each day."""
    pushed = Pushed(len(events))
    states: dict[str, list[tuple[int, Mapping[str, Any]]]] = {}
    for row, event in enumerate(events, 1):  # a leave is one act of its own, set-based inside
        if event["kind"] == "policy_state":
            states.setdefault(event["date"], []).append((row, event))
        elif (line := _leave(row, event, caller, clock)) is not None:
            pushed.rejected.append(line)
    for day, found in sorted(states.items()):
        part = _states(found, date.fromisoformat(day), caller, clock=clock, progress=progress)
        pushed.rejected += part.rejected
        pushed.import_run, pushed.already = part.import_run, part.already
        for name, count in part.counts.items():
            pushed.counts[name] = pushed.counts.get(name, 0) + count
    return pushed


def _leave(row: int, event: Mapping[str, Any], caller: Caller, clock: Clock) -> dict[str, Any] | None:
    """Write one leave; a rejection line where it is refused."""
    visible = org.custodians_within(caller.scope)
    found = org.staff_ids([event["staff_number"]])["custodian_id"].to_list()
    if not found or (visible is not None and found[0] not in visible):
        return _line(row, "staff_number", "out_of_scope", _OUT_OF_SCOPE)
    try:
        with transaction.atomic():
            books_actions.leave(
                found[0], leave_date=date.fromisoformat(event["date"]), recorded_at=clock(), by=caller.person
            )
    except (LedgerError, OrgError) as refused:
        return _line(row, "date", "refused", str(refused))
    return None


def _states(
    found: Sequence[tuple[int, Mapping[str, Any]]],
    day: date,
    caller: Caller,
    *,
    clock: Clock,
    progress: Steps,
) -> Pushed:
    """The stored rows of these policies with their new state, imported as rows of that day."""
    numbers = [event["policy_number"] for _, event in found]
    seen = books.policies_seen(caller.scope, numbers)
    stored = {
        row["policy_number"]: row
        for row in books.stored_policies()
        .filter(pl.col("policy_number").is_in(numbers))
        .iter_rows(named=True)
    }
    pushed, rows, places = Pushed(len(found)), [], []
    for row, event in found:
        number = event["policy_number"]
        if number not in seen or number not in stored:
            pushed.rejected.append(_line(row, "policy_number", "out_of_scope", _OUT_OF_SCOPE))
            continue
        lapsed = {"lapse_date": day if event["state"] == "lapsed" else None}
        rows.append({**stored[number], "state": event["state"], **lapsed})
        places.append(row)
    if rows:
        part = _rows("policies", rows, day, caller, clock=clock, progress=progress)
        pushed.rejected += [{**line, "row": places[line["row"] - 1]} for line in part.rejected]
        pushed.counts, pushed.import_run, pushed.already = part.counts, part.import_run, part.already
    return pushed
