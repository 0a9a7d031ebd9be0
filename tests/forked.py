"""Many processes that start at the same instant: how the races of the ledger, the pools and the phones are run.

In: a script with a job, a database, arguments. Out: what each process reports, one line of JSON each. Django is set up once
and forked; the children start together when a pipe closes. Never: a connection shared by two.
"""

from __future__ import annotations

import importlib
import json
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

from databases import Database

Job = Callable[..., dict[str, Any]]  # (number of the process, **arguments) → what it did


def raced(script: str, database: Database, *words: str, **arguments: Any) -> list[dict[str, Any]]:
    """Run a script of races in a process of its own; returns what each of its processes reports."""
    command = [sys.executable, script, *words, json.dumps(arguments)]
    done = subprocess.run(
        command, env=database.environment, check=False, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return [json.loads(line) for line in done.stdout.splitlines()]


def start_together(job: Job, workers: int, arguments: dict[str, Any], *, loaded: str) -> None:
    """Fork, start together, print one line of JSON for each child. `loaded`: a module that all need, read beforehand."""
    import django

    django.setup()
    importlib.import_module(loaded)
    gate_out, gate_in = os.pipe()
    children = []
    for worker in range(workers):
        answer_out, answer_in = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(gate_in)
            os.close(answer_out)
            os.read(gate_out, 1)  # returns when the launcher lets everybody go
            with os.fdopen(answer_in, "w") as pipe:
                pipe.write(json.dumps(job(worker, **arguments)) + "\n")
            os._exit(0)
        os.close(answer_in)
        children.append((child, answer_out))
    os.close(gate_out)
    os.close(gate_in)
    for child, answer in children:
        with os.fdopen(answer) as pipe:
            sys.stdout.write(pipe.read())
        _, status = os.waitpid(child, 0)
        if status:
            raise SystemExit(f"worker {child} ended with status {status}")
