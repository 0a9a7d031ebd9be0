"""Main of the parsing process: lower the limits, parse each file of the job, say what came out.

In: the path of a JSON job (files with formats, output folder, limits). Out: one Arrow file a sheet and
`result.json` in the output folder. Never: a network connection; a file written outside the output folder.
"""

from __future__ import annotations

import errno
import json
import os
import resource
import sys
from pathlib import Path
from typing import Any

from tuogu.files.refusal import FileRefused, Limits


def main(job_path: str) -> None:
    """Run one job. An exception that is not a refusal ends the process; the parent says what that means."""
    job = json.loads(Path(job_path).read_text("utf-8"))
    limits = Limits(**job["limits"])
    _confine(limits)
    out = Path(job["out"])
    try:
        sheets = [s for number, file in enumerate(job["files"]) for s in _parse(file, number, out, limits)]
        result: dict[str, Any] = {"sheets": sheets}
    except FileRefused as refusal:
        result = {"refused": [refusal.message, refusal.reason_code]}
    except MemoryError:
        result = {"refused": ["", "out_of_memory"]}  # the parent has the sentence
    except OSError as problem:
        if problem.errno != errno.EFBIG:
            raise
        result = {"refused": ["文件展开后的内容过大，请拆分后导入", "output_too_large"]}
    (out / "result.json").write_text(json.dumps(result, ensure_ascii=False), "utf-8")
    sys.stdout.flush()
    os._exit(0)  # nothing to tidy up; a large heap would take a while to free


def _confine(limits: Limits) -> None:
    """Memory, CPU time, output size, no core dump; what is exceeded ends this process only."""
    for which, amount in (
        (resource.RLIMIT_AS, limits.memory_bytes),
        (resource.RLIMIT_CPU, limits.cpu_seconds),
        (resource.RLIMIT_FSIZE, limits.output_bytes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(which, (amount, amount))


def _parse(file: dict[str, str], number: int, out: Path, limits: Limits) -> list[dict[str, Any]]:
    """Parse one file by its format; the parsers are imported here, after the limits are in force."""
    path, stem = Path(file["path"]), f"{number}"
    if file["format"] in ("xlsx", "xls"):
        from tuogu.files.parsing.excel import parse_excel

        return parse_excel(path, file["format"], out, stem, limits)
    if file["format"] == "parquet":
        from tuogu.files.parsing.parquet import parse_parquet

        return parse_parquet(path, out, stem, limits)
    from tuogu.files.parsing.text import parse_text

    return parse_text(path, out, stem, limits)


if __name__ == "__main__":
    main(sys.argv[1])
