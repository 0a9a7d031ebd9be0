"""The worked example of the custody ledger: one policy, told as tables that are also the manual.

Ann sells the policy and keeps it. In March it is released to Bob. In April it turns out that Ann had left
in February: only the days that she held from then on pass to the buffer group (保全组), Bob's days stay his.
In May the release is undone: Ann may no longer receive, so the buffer group gets it. Cat claims it. In June
the policy ends.

Two engines must give every answer: the slow reference in core, and the SQL of the ledger.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

import polars as pl
import pytest

import ledger_world
from ledger_world import RULE, World, asked, moment, open_policies
from tuogu.core.custody import Entry, Stint, custodian_on, faults, leaver_slices, timeline
from tuogu.ledger import actions, queries
from tuogu.ledger import models as ledger_models

pytestmark = pytest.mark.req("N-01")
world = ledger_world.fresh_world

# What is written into the ledger. 'until' is open unless an entry covers a period that is over.
ENTRIES = """
seq | recorded   | kind    | custodian | effective  | until
1   | 2026-01-01 | open    | Ann       | 2026-01-01 | -
2   | 2026-03-01 | release | Bob       | 2026-03-01 | -
3   | 2026-04-01 | leave   | 保全组    | 2026-02-01 | 2026-03-01
4   | 2026-05-01 | undo    | 保全组    | 2026-05-01 | -
5   | 2026-05-10 | claim   | Cat       | 2026-05-10 | -
6   | 2026-06-20 | close   | -         | 2026-06-15 | -
"""

# Who held it on a day (row), as known at the end of a day (column).
ANSWERS = """
day        | 2026-01-31 | 2026-03-31 | 2026-04-30 | 2026-05-09 | 2026-05-31 | 2026-06-30
2025-12-31 | -          | -          | -          | -          | -          | -
2026-01-01 | Ann        | Ann        | Ann        | Ann        | Ann        | Ann
2026-01-31 | Ann        | Ann        | Ann        | Ann        | Ann        | Ann
2026-02-01 | Ann        | Ann        | 保全组     | 保全组     | 保全组     | 保全组
2026-02-28 | Ann        | Ann        | 保全组     | 保全组     | 保全组     | 保全组
2026-03-01 | Ann        | Bob        | Bob        | Bob        | Bob        | Bob
2026-04-30 | Ann        | Bob        | Bob        | Bob        | Bob        | Bob
2026-05-01 | Ann        | Bob        | Bob        | 保全组     | 保全组     | 保全组
2026-05-10 | Ann        | Bob        | Bob        | 保全组     | Cat        | Cat
2026-06-14 | Ann        | Bob        | Bob        | 保全组     | Cat        | Cat
2026-06-15 | Ann        | Bob        | Bob        | 保全组     | Cat        | -
"""

# What is true of whom in the end.
STINTS = """
from       | until      | custodian | seq
2026-01-01 | 2026-02-01 | Ann       | 1
2026-02-01 | 2026-03-01 | 保全组    | 3
2026-03-01 | 2026-05-01 | Bob       | 2
2026-05-01 | 2026-05-10 | 保全组    | 4
2026-05-10 | 2026-06-15 | Cat       | 5
2026-06-15 | -          | -         | 6
"""

IDS = {"-": None, "保全组": 1, "Ann": 2, "Bob": 3, "Cat": 4}


def table(text: str) -> list[list[str]]:
    """The cells of a text table without its heading."""
    return [[cell.strip() for cell in line.split("|")] for line in text.strip().splitlines()[1:]]


def heading(text: str) -> list[str]:
    """The heading cells of a text table."""
    return [cell.strip() for cell in text.strip().splitlines()[0].split("|")]


def day_or_none(cell: str) -> date | None:
    """'-' = none."""
    return None if cell == "-" else date.fromisoformat(cell)


def reference_entries() -> list[Entry]:
    """ENTRIES as the reference reads them."""
    return [
        Entry(
            int(seq),
            IDS[who],
            kind,
            date.fromisoformat(on),
            day_or_none(until),
            moment(date.fromisoformat(at)),
        )
        for seq, at, kind, who, on, until in table(ENTRIES)
    ]


def check_answers(who_held: Callable[[date, datetime], int | None], ids: dict[str, int | None]) -> None:
    """Every cell of ANSWERS."""
    known = [moment(date.fromisoformat(cell), 23) for cell in heading(ANSWERS)[1:]]
    asked_cells = 0
    for day, *cells in table(ANSWERS):
        for known_at, expected in zip(known, cells, strict=True):
            got = who_held(date.fromisoformat(day), known_at)
            assert got == ids[expected], f"on {day} as known {known_at}: {got}, not {expected}"
            asked_cells += 1
    assert asked_cells == 66


def test_the_reference_gives_every_answer() -> None:
    entries = reference_entries()
    check_answers(lambda day, known_at: custodian_on(reversed(entries), day, known_at), IDS)
    assert faults(entries) == ()


def test_the_reference_tells_the_whole_story() -> None:
    stints = tuple(
        Stint(date.fromisoformat(a), day_or_none(b), IDS[who], int(seq)) for a, b, who, seq in table(STINTS)
    )
    assert timeline(reference_entries()) == stints


def test_the_reference_cuts_the_slice_that_the_leaver_held() -> None:
    before_april = reference_entries()[:2]
    (cut,) = leaver_slices(before_april, IDS["Ann"] or 0, date(2026, 2, 1))
    assert (cut.from_date, cut.until_date) == (date(2026, 2, 1), date(2026, 3, 1))
    assert leaver_slices(before_april, IDS["Ann"] or 0, date(2026, 3, 1)) == ()


def act_it_out(world: World) -> tuple[int, dict[str, int | None]]:
    """Do in the ledger what the example tells; returns the subject and who is who."""
    ann, bob, cat, _ = world.people
    (subject,) = open_policies(world, 1, ann)
    march, april, may, tenth, june = (date(2026, m, d) for m, d in ((3, 1), (4, 1), (5, 1), (5, 10), (6, 20)))
    batch = actions.post_batch(
        asked([subject], bob), key="release", effective_date=march, **world.signed(march)
    )
    actions.leave(ann, leave_date=date(2026, 2, 1), **world.alone(april))
    actions.undo_batch(batch.batch_id, key="undo", **world.signed(may))
    actions.claim(subject, cat, by=cat, recorded_at=moment(tenth), rule=RULE)
    ending = pl.DataFrame({"subject_id": [subject], "effective_date": [date(2026, 6, 15)]})
    actions.close(ending, reason_code="matured", **world.alone(june))
    return subject, {"-": None, "保全组": world.buffer, "Ann": ann, "Bob": bob, "Cat": cat}


@pytest.mark.database
@pytest.mark.django_db
def test_the_ledger_writes_these_entries_and_gives_every_answer(world: World) -> None:
    subject, ids = act_it_out(world)
    written = [
        [e.seq, e.recorded_date, e.kind, e.custodian_id, e.effective_date, e.effective_until]
        for e in ledger_models.Entry.objects.filter(subject_id=subject).order_by("seq")
    ]
    expected = [
        [int(seq), date.fromisoformat(at), kind, ids[who], date.fromisoformat(on), day_or_none(until)]
        for seq, at, kind, who, on, until in table(ENTRIES)
    ]
    assert written == expected
    check_answers(lambda day, known_at: queries.custodian_on(subject, "custody", day, known_at), ids)


@pytest.mark.database
@pytest.mark.django_db
def test_the_ledger_answers_for_all_subjects_at_once(world: World) -> None:
    subject, ids = act_it_out(world)

    def in_bulk(day: date, known_at: datetime) -> int | None:
        found = queries.custodians_on("custody", day, known_at).filter(pl.col("subject_id") == subject)
        return found["custodian_id"][0] if found.height else None

    check_answers(in_bulk, ids)
