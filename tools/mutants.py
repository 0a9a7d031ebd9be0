"""Mutation testing, our own and small: change one thing in a module, run its tests, see whether they notice.

    python -m tools.mutants                         every target below
    python -m tools.mutants apportion draw          some of them
    python -m tools.mutants --module src/tuogu/core/rotation.py --tests tests/unit/test_rotation.py

Changes (`tools.mutating`): a comparison (< to <=, == to !=), an arithmetic sign, a number by one, True and False, and/or, a
dropped `not` or minus, `return None` in place of a result.

Each mutant runs in a process of its own (`tools.mutant_run`), which puts it in the module's place and runs the tests until
the first failure; the files on disk are never touched. Tests that then take longer than the limit count as killing it.
Ends with 1 when a target's share of killed mutants is below `--at-least`, with 2 when its tests fail unchanged.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tools.mutant_run import UNCHANGED, run
from tools.mutating import Mutant, mutants_of

ROOT = Path(__file__).parent.parent
SLOWER = 5  # a mutant may take so many times as long as the unchanged tests, and some seconds more
GRACE_SECONDS = 10
POLL_SECONDS = 0.02
KILLED, SURVIVED, LATE, UNJUDGED = "killed", "SURVIVED", "killed (too slow)", "NOT JUDGED"
PASSED, FAILED, BROKEN = 0, 1, 2
NOTICED = (
    1,
    2,
    4,
)  # pytest's exit codes: a test failed; a test module, or a test named in one, could not be loaded


@dataclass(frozen=True)
class Target:
    """Modules and the tests that must notice a change in them; paths from the root of the project."""

    modules: tuple[str, ...]
    tests: tuple[str, ...]


PROPERTIES = "tests/property/test_apportion_properties.py::test_"
TARGETS = {
    "apportion": Target(
        tuple(
            f"src/tuogu/core/apportion/{name}.py"
            for name in ("quotas", "rounding", "tables", "top_up", "waves")
        ),
        (
            "tests/unit/test_apportion.py",
            f"{PROPERTIES}splits_are_those_of_the_twin_in_any_order",
            f"{PROPERTIES}top_ups_take_nothing_back_and_may_come_in_parts",
            f"{PROPERTIES}rounded_tables_are_the_nearest",
            f"{PROPERTIES}large_tables_with_premiums_as_weights_keep_every_margin",
        ),
    ),
    "draw": Target(("src/tuogu/core/draw.py",), ("tests/unit/test_draw.py",)),
    "scores": Target(("src/tuogu/core/centre/score_card.py",), ("tests/spec/test_score_card_example.py",)),
}


def start(module: str, number: int, tests: Sequence[str]) -> int:
    """The id of a child of this warm process, in which the tests run with mutant `number` of `module`."""
    child = os.fork()
    if child:
        return child
    nowhere = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nowhere, stream)
    sys.stdout = sys.stderr = open(nowhere, "w", closefd=False)  # noqa: SIM115 - until the child ends
    code = 3  # NOT JUDGED, should the run itself break
    try:
        code = run(ROOT, module, number, tests)
    finally:
        os._exit(code)


def finish(child: int, until: float) -> int | None:
    """Exit code of a child that has ended, None as long as it runs; past `until` it is killed (code -9)."""
    ended, status = os.waitpid(child, os.WNOHANG)
    if ended:
        return os.waitstatus_to_exitcode(status)
    if time.perf_counter() > until:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        return -signal.SIGKILL
    return None


def verdict_of(code: int) -> str:
    """What an exit code says of a mutant."""
    if code == -signal.SIGKILL:
        return LATE
    return SURVIVED if code == PASSED else KILLED if code in NOTICED else UNJUDGED


def judge(
    module: str, count: int, tests: Sequence[str], seconds: float, jobs: int, told: Callable[[int, str], None]
) -> list[str]:
    """The verdict of each mutant of a module, `jobs` at a time."""
    verdicts = [UNJUDGED] * count
    waiting = list(range(count))[::-1]
    running: dict[int, tuple[int, float]] = {}
    while waiting or running:
        while waiting and len(running) < jobs:
            number = waiting.pop()
            running[start(module, number, tests)] = number, time.perf_counter() + seconds
        time.sleep(POLL_SECONDS)
        for child, (number, until) in list(running.items()):
            code = finish(child, until)
            if code is not None:
                del running[child]
                verdicts[number] = verdict_of(code)
                told(number, verdicts[number])
    return verdicts


def unchanged_seconds(target: Target) -> float | None:
    """How long the tests take as things are; None when they fail."""
    started = time.perf_counter()
    _child, status = os.waitpid(start(target.modules[0], UNCHANGED, target.tests), 0)
    return None if status else time.perf_counter() - started


def run_target(name: str, target: Target, at_least: float, jobs: int) -> int:
    """Judge every mutant of a target; a line for each, one for each module and one for all; 0, 1 or 2."""
    missing = [
        path for path in (*target.modules, *target.tests) if not (ROOT / path.split("::")[0]).is_file()
    ]
    if missing:
        print(f"{name}: missing {', '.join(missing)}")
        return BROKEN
    seconds = unchanged_seconds(target)
    if seconds is None:
        print(f"{name}: the tests fail without any mutant: {' '.join(target.tests)}")
        return BROKEN
    killed = total = 0
    for module in target.modules:
        mutants = mutants_of((ROOT / module).read_text(encoding="utf-8"))
        told = _printer(module, mutants)
        verdicts = judge(module, len(mutants), target.tests, SLOWER * seconds + GRACE_SECONDS, jobs, told)
        dead = sum(verdict in (KILLED, LATE) for verdict in verdicts)
        print(f"{module}: {dead} of {len(mutants)} killed", flush=True)
        killed, total = killed + dead, total + len(mutants)
    if unchanged_seconds(target) is None:
        print(f"{name}: the tests fail without any mutant now: files have changed meanwhile")
        return BROKEN
    share = killed / total if total else 1.0
    print(f"{name}: {killed} of {total} killed = {share:.1%}, asked for {at_least:.0%}", flush=True)
    return PASSED if share >= at_least else FAILED


def _printer(module: str, mutants: Sequence[Mutant]) -> Callable[[int, str], None]:
    def told(number: int, verdict: str) -> None:
        mutant = mutants[number]
        print(f"{verdict:<18}{module}:{mutant.line}:{mutant.column}  {mutant.words}", flush=True)

    return told


def main(arguments: Sequence[str]) -> int:
    """The worst result of the targets asked for."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; none = all")
    parser.add_argument("--module", action="append", default=[], help="a module of your own choice")
    parser.add_argument("--tests", nargs="+", default=[], help="its tests, as pytest names them")
    parser.add_argument("--at-least", type=float, default=90.0, help="percent that must be killed")
    parser.add_argument("--jobs", type=int, default=1, help="processes at a time")
    asked = parser.parse_args(arguments)
    if bool(asked.module) != bool(asked.tests) or not set(asked.names) <= TARGETS.keys():
        parser.error(f"targets are {', '.join(TARGETS)}; --module and --tests go together")
    chosen = {name: TARGETS[name] for name in asked.names or (() if asked.module else TARGETS)}
    if asked.module:
        chosen["named"] = Target(tuple(asked.module), tuple(asked.tests))
    return max(run_target(name, target, asked.at_least / 100, asked.jobs) for name, target in chosen.items())


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
