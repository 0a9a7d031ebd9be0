"""Reads the whole ledger and says what is wrong with it, naming the first bad seal and entry.

In: one snapshot of the database, and the seal file. Out: a VerifyReport. Never: a repair, a lock that
writers wait for. `CHECKS` is the plain list of what is looked at; each check answers with problems, none
with a guess about causes.
"""

from __future__ import annotations

import gc
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import date
from itertools import groupby
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Max

from tuogu.bulk import Cursor
from tuogu.ledger import seal_file
from tuogu.ledger.canonical import Content, entry_digest, line_sql, seal_digest, settle_spelling
from tuogu.ledger.guards import missing_guards
from tuogu.ledger.holdings import faulty_histories
from tuogu.ledger.kinds import APPROVED_KINDS
from tuogu.ledger.models import Batch, Entry, Seal
from tuogu.ledger.results import Problem, VerifyReport

_CHUNK_ROWS = 50_000  # entries in memory at a time
_WHOLE_TABLES = {"work_mem": "'256MB'", "enable_nestloop": "off", "jit": "off"}
_LISTED = 10  # findings of one kind that are named; more of the same help nobody


def verify(seal_file_path: Path | None = None) -> VerifyReport:
    """Check triggers, chain, entries, order, batches, holdings and the seal file (default:
    settings.TUOGU_SEAL_FILE).

    Reads everything once; takes no lock, so acts go on meanwhile.
    """
    # The file is read first: a seal that is posted meanwhile may be in the snapshot and not in the file,
    # never the other way round.
    outside = seal_file.read(seal_file_path or settings.TUOGU_SEAL_FILE)
    with _snapshot() as cursor:
        problems = _guards()
        with _reading_everything(cursor):
            seals = list(Seal.objects.order_by("number"))
            read, found = _sealed_entries(seals)
            all_sealed = not found and read == Entry.objects.count()
            pending, slipped = (0, []) if all_sealed else _unsealed(cursor, seals)
            problems += found + _chain(seals) + _against_file(seals, outside) + slipped
            for check in CHECKS:
                problems += check(cursor)
        last_date: date | None = Entry.objects.aggregate(last=Max("recorded_date"))["last"]
    return VerifyReport(
        entries=read + pending + len(slipped),
        seals=len(seals),
        pending=pending,
        outside=len(outside),
        newest_digest=seals[-1].digest if seals else None,
        last_recorded_date=last_date,
        problems=tuple(problems),
    )


@contextmanager
def _snapshot() -> Iterator[Cursor]:
    """A cursor that sees one state of the database throughout, without keeping writers waiting."""
    with connection.cursor() as cursor:
        if connection.in_atomic_block:
            yield cursor
        elif connection.vendor == "sqlite":
            cursor.execute("BEGIN DEFERRED")  # atomic() would begin IMMEDIATE and lock writers out
            try:
                yield cursor
            finally:
                cursor.execute("ROLLBACK")
        else:
            with transaction.atomic():
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                yield cursor


@contextmanager
def _reading_everything(cursor: Cursor) -> Iterator[None]:
    """Meanwhile PostgreSQL reads whole tables: hash joins in memory instead of a million look-ups."""
    settle_spelling(cursor)
    if connection.vendor == "sqlite":
        yield
        return
    for name, value in _WHOLE_TABLES.items():
        cursor.execute(f"SET LOCAL {name} = {value}")
    yield
    for name in _WHOLE_TABLES:
        cursor.execute(f"SET LOCAL {name} = DEFAULT")


def _sealed_entries(seals: list[Seal]) -> tuple[int, list[Problem]]:
    """Rebuild what every seal states from its entries; where it differs, look for the first bad entry."""
    contents: dict[int, Content] = defaultdict(Content)
    with _no_search_for_cycles():
        for rows in sealed_rows():
            numbers, entries, digests, lines = zip(*rows, strict=True)
            for number, start, end in _runs(numbers):
                contents[number].add(entries[start:end], lines[start:end], digests[start:end])
    problems: list[Problem] = []
    for seal in seals:
        stated = (seal.entries, seal.last_entry_id, seal.lines_digest, seal.entries_digest)
        if contents[seal.number].stated() != stated and len(problems) < _LISTED:
            problems.append(_first_bad(seal.number))
    deleted = sorted(contents.keys() - {seal.number for seal in seals})[:_LISTED]
    problems += [Problem("seal_missing", f"封条 {number} 已被删除", number) for number in deleted]
    return sum(content.entries for content in contents.values()), problems


@contextmanager
def _no_search_for_cycles() -> Iterator[None]:
    """Millions of short-lived rows set off Python's search for reference cycles; there are none, it costs a
    fifth.
    """
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def sealed_rows(only: int | None = None) -> Iterator[list[tuple[int, int, bytes, str | None]]]:
    """Chunks of (seal, entry id, stored digest, canonical line) in sealing order; no line = the entry is
    gone.
    """
    where = "" if only is None else f"WHERE s.seal_id = {only:d}"
    sql = (
        f"SELECT s.seal_id, s.entry_id, s.digest, CASE WHEN e.id IS NULL THEN NULL ELSE {line_sql()} END"
        " FROM ledger_sealedentry s LEFT JOIN ledger_entry e ON e.id = s.entry_id"
        f" LEFT JOIN ledger_batch b ON b.id = e.batch_id {where} ORDER BY s.id"
    )
    reader = connection.chunked_cursor() if connection.vendor == "postgresql" else connection.cursor()
    with reader:
        reader.execute(sql, [])
        while rows := reader.fetchmany(_CHUNK_ROWS):
            yield rows


def _runs(numbers: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """(seal, start, end) of each run of equal seal numbers; a chunk mostly is one run."""
    if numbers.count(numbers[0]) == len(numbers):
        yield numbers[0], 0, len(numbers)
        return
    start = 0
    for number, group in groupby(numbers):
        end = start + sum(1 for _ in group)
        yield number, start, end
        start = end


def _first_bad(seal: int) -> Problem:
    """Name the first entry whose line is gone or no longer has its digest; else the list was changed."""
    for rows in sealed_rows(only=seal):
        for _, entry, digest, line in rows:
            if line is None:
                return Problem("entry_missing", f"封条 {seal} 中的第 {entry} 号记录已被删除", seal, entry)
            if entry_digest(line) != bytes(digest):
                return Problem("entry_changed", f"封条 {seal} 中的第 {entry} 号记录与封存时不符", seal, entry)
    return Problem("seal_content", f"封条 {seal} 的记录清单与封存时不符", seal)


def _chain(seals: list[Seal]) -> list[Problem]:
    """Numbers without a gap, each link holding the digest of the one before, each digest recomputed."""
    problems, previous = [], ""
    for place, seal in enumerate(seals, start=1):
        if seal.number != place:
            problems.append(Problem("seal_gap", f"第 {place} 号封条缺失", place))
            break
        stated = (seal.entries, seal.last_entry_id, seal.lines_digest, seal.entries_digest)
        digest = seal_digest(seal.number, previous, *stated, seal.by_id, seal.recorded_at)
        if seal.previous_digest != previous or seal.digest != digest:
            problems.append(
                Problem("seal_changed", f"封条 {seal.number} 与链上前一封条或自身内容不符", seal.number)
            )
            break
        previous = seal.digest
    return problems


def _against_file(seals: list[Seal], outside: dict[int, str]) -> list[Problem]:
    """Every seal that was ever written outside must still be there, unchanged; and there must be such a file.

    One seal without a file is a crash between the first commit and its line outside: the next seal heals it.
    """
    if not outside and len(seals) > 1:
        sentence = "库外封条文件不存在或没有一条封条：无法排除尾部被截断或整链被改写；请从备份取回"
        return [Problem("seal_file_missing", sentence)]
    stored = {seal.number: seal.digest for seal in seals}
    for number, digest in sorted(outside.items()):
        if number not in stored:
            return [
                Problem("tail_cut", f"库外封条文件有第 {number} 号封条，台账中已没有：尾部被截断", number)
            ]
        if stored[number] != digest:
            return [Problem("chain_rewritten", f"第 {number} 号封条与库外封条文件不符：整链被改写", number)]
    return []


def _unsealed(cursor: Cursor, seals: list[Seal]) -> tuple[int, list[Problem]]:
    """Entries that wait for the next seal, and entries that slipped in behind a seal."""
    last_sealed = seals[-1].last_entry_id if seals else 0
    cursor.execute(
        "SELECT e.id FROM ledger_entry e WHERE NOT EXISTS"
        " (SELECT 1 FROM ledger_sealedentry s WHERE s.entry_id = e.id) ORDER BY e.id"
    )
    ids = [int(row[0]) for row in cursor.fetchall()]
    slipped = [entry for entry in ids if entry <= last_sealed]
    detail = "号记录在封存之后混入"
    problems = [
        Problem("entry_slipped_in", f"第 {entry} {detail}", None, entry) for entry in slipped[:_LISTED]
    ]
    return len(ids) - len(slipped), problems


def _guards() -> list[Problem]:
    return [
        Problem("guard_missing", f"防改触发器或约束 {name} 缺失或被停用")
        for name in missing_guards(connection)
    ]


def _histories(cursor: Cursor) -> list[Problem]:
    """seq of each history runs 1, 2, 3 …; Holding is the fold of the entries."""
    problems = []
    for subject, relation, gap, differs in faulty_histories(cursor, _LISTED):
        if gap:
            problems.append(Problem("seq_gap", f"对象 {subject} 的 {relation} 序号不连续或重复"))
        if differs:
            detail = f"对象 {subject} 的 {relation} 现状与台账推算不符，可用 ledger rebuild 重建"
            problems.append(Problem("holding_differs", detail))
    return problems


def _periods(cursor: Cursor) -> list[Problem]:
    """Endless entries of one history start on days that never decrease: nobody's past days are overwritten.

    Only histories in which two neighbours go back at all are looked at closely: they are few (back-dated
    leaves).
    """
    cursor.execute(
        """SELECT DISTINCT subject_id FROM (
             SELECT subject_id, effective_date, LAG(effective_date) OVER
                    (PARTITION BY subject_id, relation ORDER BY seq) AS before
             FROM ledger_entry WHERE effective_until IS NULL AND subject_id IN (
               SELECT e.subject_id FROM ledger_entry e JOIN ledger_entry p
                 ON p.subject_id = e.subject_id AND p.relation = e.relation AND p.seq = e.seq - 1
               WHERE p.effective_date > e.effective_date)) t
           WHERE before > effective_date ORDER BY subject_id LIMIT %s""",
        [_LISTED],
    )
    return [Problem("past_overwritten", f"对象 {row[0]} 的生效日期倒退") for row in cursor.fetchall()]


def _batches(cursor: Cursor) -> list[Problem]:
    """Each batch has as many entries as it says, and its second person where one is needed."""
    cursor.execute(
        "SELECT b.id FROM ledger_batch b LEFT JOIN (SELECT batch_id, COUNT(*) AS n FROM ledger_entry"
        " WHERE batch_id IS NOT NULL GROUP BY batch_id) e ON e.batch_id = b.id"
        " WHERE b.posted <> COALESCE(e.n, 0) ORDER BY b.id LIMIT %s",
        [_LISTED],
    )
    problems = [Problem("batch_size", f"批次 {row[0]} 的记录数与过账时不符") for row in cursor.fetchall()]
    for batch in Batch.objects.filter(kind__in=APPROVED_KINDS):
        if batch.approved_by_id is None or batch.approved_by_id == batch.by_id:
            problems.append(Problem("no_second_person", f"批次 {batch.pk} 没有第二人复核"))
    return problems


def _custody(cursor: Cursor) -> list[Problem]:
    """Every policy has a custody history."""
    cursor.execute(
        """SELECT j.id FROM ledger_subject j WHERE j.kind = 'policy' AND NOT EXISTS
             (SELECT 1 FROM ledger_entry e WHERE e.subject_id = j.id AND e.relation = 'custody' AND e.seq = 1)
           ORDER BY j.id LIMIT %s""",
        [_LISTED],
    )
    return [Problem("no_custodian", f"保单对象 {row[0]} 没有责任人") for row in cursor.fetchall()]


CHECKS: tuple[Callable[[Cursor], list[Problem]], ...] = (_histories, _periods, _batches, _custody)
