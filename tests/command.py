"""Runs the `tuogu` command as its users do: a process of its own, its own database, its own folder."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Command:
    """The command line on one database; tokens by staff number are kept for signing."""

    url: str
    folder: Path
    tokens: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        kept = {k: v for k, v in os.environ.items() if not k.startswith(("TUOGU_", "DJANGO_"))}
        return kept | {
            "TUOGU_DATABASE_URL": self.url,
            "TUOGU_KEY_FILE": str(self.folder / "keys"),
            "TUOGU_SEAL_FILE": str(self.folder / "seals"),
            "TUOGU_FILES": str(self.folder / "files"),
            "COLUMNS": "200",
        }

    def run(self, *words: object, codes: tuple[int, ...] = (0,), stdin: str | None = None) -> str:
        """Standard output of `tuogu WORDS…`; asserts the exit code."""
        done = self.try_run(*words, stdin=stdin)
        assert done.returncode in codes, (
            f"exit {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
        )
        return done.stdout

    def try_run(self, *words: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        """The finished process, whatever its exit code."""
        return subprocess.run(
            [sys.executable, "-c", "from tuogu.cli import main; main()", *map(str, words)],
            env=self.environment, capture_output=True, text=True, input=stdin, check=False, timeout=240,
        )  # fmt: skip

    def json(self, *words: object, codes: tuple[int, ...] = (0, 1)) -> Any:
        """Standard output of `tuogu WORDS… --json`, parsed."""
        return json.loads(self.run(*words, "--json", codes=codes))

    def token(self, staff_number: str) -> str:
        """A personal token of this staff number, whose posts give every right that the commands ask for."""
        if staff_number not in self.tokens:
            done = subprocess.run(
                [sys.executable, str(Path(__file__).with_name("signers.py")), staff_number],
                env=self.environment, capture_output=True, text=True, check=True, timeout=60,
            )  # fmt: skip
            self.tokens[staff_number] = done.stdout.strip()
        return self.tokens[staff_number]
