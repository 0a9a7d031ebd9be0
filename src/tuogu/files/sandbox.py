"""Runs the parsing process and reads what it handed over.

In: files with their formats. Out: one polars frame of text a sheet, with facts.
Never: a byte of the untrusted file parsed here; a parsing process that outlives its limits; personal data
left behind (the hand-over folder is private and removed, whatever happens).
"""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import polars as pl

import tuogu
from tuogu.files.refusal import FileRefused, Limits

_MEMORY = (
    "解析所需内存超过上限：表格里可能有重复上百万次的长文字，"
    "或在很远的行列处（如最后一行、XFD 列）有零星内容",
    "out_of_memory",
)
_TIME = ("解析所需时间超过上限，请拆分文件", "too_slow")
_DIED = ("文件已损坏或不符合规范，读不出来；请在 Excel 中打开并另存为 .xlsx", "broken_workbook")
_SAYS_MEMORY = (b"MemoryError", b"memory allocation", b"allocate memory", b"failed to map")
_STDERR_SHOWN = 2000


@dataclass(frozen=True)
class ParsedSheet:
    """One sheet as the parsing process handed it over: columns c0, c1 …, `_row`, `extra`."""

    name: str
    format: str
    frame: pl.DataFrame
    header: tuple[str, ...] | None  # Parquet: the column names; others: None, the header is among the rows
    date1904: bool
    hidden: bool
    merged: tuple[tuple[int, int, int], ...] | None  # row, first and last column; None: the format has none


def parse_in_sandbox(files: Sequence[tuple[Path, str]], limits: Limits) -> list[ParsedSheet]:
    """Parse (path, format) pairs in one process under `limits`; FileRefused when that fails."""
    with tempfile.TemporaryDirectory(prefix="tuogu-parse-") as folder:
        out = Path(folder)
        job = {
            "files": [{"path": str(path.absolute()), "format": form} for path, form in files],
            "out": str(out),
            "limits": asdict(limits),
        }
        (out / "job.json").write_text(json.dumps(job, ensure_ascii=False), "utf-8")
        _run(out, limits)
        result = json.loads((out / "result.json").read_text("utf-8"))
        if "refused" in result:
            message, code = result["refused"]
            raise FileRefused(*(_MEMORY if code == "out_of_memory" else (message, code)))
        return [_load(out, fact) for fact in result["sheets"]]


def _run(out: Path, limits: Limits) -> None:
    """Start the process with a bare environment (no passwords to read there) and judge how it ended."""
    environment = {
        "PYTHONPATH": str(Path(tuogu.__file__).parents[1]),
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
        "MALLOC_ARENA_MAX": "2",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
        "OMP_NUM_THREADS": "1",
        "TMPDIR": str(out),
    }
    command = [sys.executable, "-s", "-P", "-m", "tuogu.files.parsing", str(out / "job.json")]
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=out,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=limits.wall_seconds,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise FileRefused(*_TIME) from None
    if done.returncode == 0 and (out / "result.json").exists():
        return
    if done.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise FileRefused(*_TIME)
    said = done.stderr[-_STDERR_SHOWN:]
    if done.returncode == -signal.SIGABRT or any(words in said for words in _SAYS_MEMORY):
        raise FileRefused(*_MEMORY)
    raise FileRefused(*_DIED)


def _load(out: Path, fact: dict[str, object]) -> ParsedSheet:
    """Read one handed-over sheet; names come from the process, so only plain file names are followed."""
    frame = pl.DataFrame(schema={"_row": pl.Int64})
    if "path" in fact:
        frame = pl.read_ipc(out / Path(str(fact["path"])).name)
    header, merged = fact.get("header"), fact.get("merged")
    return ParsedSheet(
        name=str(fact["name"]),
        format=str(fact["format"]),
        frame=frame,
        header=tuple(str(h) for h in header) if isinstance(header, list) else None,
        date1904=bool(fact["date1904"]),
        hidden=bool(fact["hidden"]),
        merged=tuple((r, a, b) for r, a, b in merged) if isinstance(merged, list) else None,
    )
