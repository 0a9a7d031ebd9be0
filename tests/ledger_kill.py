"""Processes that are killed while they write: `python tests/ledger_kill.py JOB ARGUMENTS-AS-JSON`.

In: TUOGU_DATABASE_URL of a migrated database with a world. Out: JSON, a list with what each killed process
had acknowledged and what a fresh process then found. The launcher sets Django up once and never opens a
connection itself; each worker and each checker is a fork of it.
"""

from __future__ import annotations

import json
import os
import random
import select
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NoReturn

from databases import Database

ROWS = 120  # policies that one import opens and one release moves
MOST_STATEMENTS = 100  # a release has fewer


def killing(database: Database, job: str, **arguments: Any) -> list[dict[str, Any]]:
    """Run a job of JOBS; returns one report for each kill."""
    command = [sys.executable, __file__, job, json.dumps(arguments)]
    done = subprocess.run(
        command, env=database.environment, check=True, capture_output=True, text=True, timeout=280
    )
    return [json.loads(line) for line in done.stdout.splitlines()]


def random_kills(kills: int, seed: int, world: dict[str, Any]) -> None:
    """Kill a working process at `kills` random moments; after each, check."""
    chance = random.Random(seed)
    for turn in range(kills):
        said, _ = _run_and_kill(partial(work, world=world, turn=turn), chance.uniform(0.0, 0.4))
        print(json.dumps({"acknowledged": said, **_ask(partial(inspect, said))}), flush=True)


def every_statement(world: dict[str, Any], careless: bool = False) -> None:
    """Let a release kill itself at its 1st, 2nd, 3rd … statement, until one ends by itself; after each,
    check.

    `careless` takes the transaction away: the same kills then leave half a release, and the check must see
    it.
    """
    for statement in range(1, MOST_STATEMENTS):
        job = partial(release_until, world=world, statement=statement, careless=careless)
        said, killed = _run_and_kill(job, 60.0)
        print(json.dumps({"statement": statement, "said": said, **_ask(partial(inspect, []))}), flush=True)
        if not killed:
            return


# --- what the killed processes do
# -----------------------------------------------------------------------------


def work(say: Callable[[str], None], world: dict[str, Any], turn: int) -> None:
    """Import, release, claim and seal without end; say what was committed, as soon as the act returns."""
    from ledger_world import policies
    from tuogu.ledger import actions, queries

    say("started")
    for lap in range(1_000):
        name = f"{turn}/{lap}"
        frame = policies(ROWS, None, first=(turn * 1_000 + lap) * ROWS)
        actions.open_custody(frame, by=world["clerk"], recorded_at=_moment(), rule="kill")
        say(f"opened {frame['number'][0]}")
        subjects = queries.subject_ids("core", frame["number"].to_list())["subject_id"].to_list()
        result = release(world, subjects[:-1], name)
        say(f"released {name} {result.seal_number}")
        person = world["people"][0]
        actions.claim(subjects[-1], person, by=person, recorded_at=_moment(), rule="kill")
        say(f"claimed {subjects[-1]}")


def release(world: dict[str, Any], subjects: list[int], key: str) -> Any:
    """Release these subjects from the buffer group to the first person."""
    from ledger_world import asked
    from tuogu.ledger import actions

    signed = {"by": world["clerk"], "approved_by": world["manager"], "recorded_at": _moment(), "rule": "kill"}
    rows = asked(subjects, world["people"][0])
    return actions.post_batch(rows, key=key, effective_date=_moment().date(), reason_code="plan", **signed)


def release_until(say: Callable[[str], None], world: dict[str, Any], statement: int, careless: bool) -> None:
    """Post one release and die before its statement number `statement`."""
    from django.db import connection

    from tuogu.ledger import staging

    if careless:
        staging.transaction = SimpleNamespace(atomic=nullcontext)
        staging.lock_exclusive = lambda: None
    seen = 0

    def count(execute: Callable[..., Any], *call: Any) -> Any:
        nonlocal seen
        seen += 1
        if seen == statement:
            os.kill(os.getpid(), signal.SIGKILL)
        return execute(*call)

    subjects = world["subjects"]
    from ledger_world import asked

    asked(subjects, world["people"][0])  # warms nothing but the connection
    with connection.execute_wrapper(count):
        release(world, subjects, f"statement {statement}")
    say("released")


def _moment() -> Any:
    from ledger_world import JANUARY, moment

    return moment(JANUARY, 12)


# --- what is looked at afterwards
# -----------------------------------------------------------------------------


def inspect(acknowledged: list[str]) -> dict[str, Any]:
    """What a fresh process finds: verify's problems, and acknowledged acts that are not there."""
    from django.conf import settings

    from tuogu.ledger import queries, seal_file
    from tuogu.ledger.models import Batch, Holding, Subject

    report = queries.verify()
    outside, lost = seal_file.read(settings.TUOGU_SEAL_FILE), []
    for line in acknowledged:
        what, *rest = line.split()
        if what == "opened" and not Subject.objects.filter(number=rest[0]).exists():
            lost.append(line)
        if what == "released":
            posted = Batch.objects.filter(key=rest[0]).values_list("posted", flat=True).first()
            if posted != ROWS - 1 or int(rest[1]) not in outside:
                lost.append(line)
        if what == "claimed" and Holding.objects.get(subject_id=rest[0], relation="custody").last_seq != 2:
            lost.append(line)
    sizes = set(Batch.objects.values_list("kind", "posted"))
    return {
        "lost": lost,
        "problems": [p.code for p in report.problems],
        "entries": report.entries,
        "sizes": sorted(sizes),
        "releases": Batch.objects.filter(kind="release").count(),
    }


# --- processes
# ------------------------------------------------------------------------------------------------


def _run_and_kill(job: Callable[[Callable[[str], None]], None], seconds: float) -> tuple[list[str], bool]:
    """Fork; SIGKILL `seconds` after the child's first word; returns the whole lines that it got out, and
    whether it was killed (by us or by itself) rather than ended.
    """
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _leave(lambda: job(lambda line: os.write(writer, f"{line}\n".encode()) and None))
    os.close(writer)
    select.select([reader], [], [], 60)
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if os.waitid(os.P_PID, child, os.WEXITED | os.WNOHANG | os.WNOWAIT):
            break
        time.sleep(0.002)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    with os.fdopen(reader, "rb") as pipe:
        text = pipe.read().decode()
    return text.split("\n")[:-1], os.WIFSIGNALED(status)


def _leave(job: Callable[[], object]) -> NoReturn:
    """Do the job and end the process here: a fork must never run on into the launcher's code."""
    try:
        job()
    except BaseException:  # whatever it was is printed, and this process ends
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def _ask(question: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Answer a question in a fork, so that the launcher never holds a connection."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _leave(lambda: os.write(writer, json.dumps(question()).encode()))
    os.close(writer)
    with os.fdopen(reader) as pipe:
        answer = pipe.read()
    _, status = os.waitpid(child, 0)
    if status:
        raise SystemExit(f"the checking process ended with status {status}")
    return json.loads(answer)  # type: ignore[no-any-return]


JOBS: dict[str, Callable[..., None]] = {"random_kills": random_kills, "every_statement": every_statement}

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent))
    import django

    django.setup()
    import ledger_world  # noqa: F401 - loads everything once, before the forks

    JOBS[sys.argv[1]](**json.loads(sys.argv[2]))
