"""The job that makes an audit pack: a period in, a file under settings.TUOGU_FILES out.

Run again after a crash, it makes the pack anew under a row of its own; the row before stays and says that it was made.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings

from tuogu.audit import actions
from tuogu.jobs.asked import Asked, Clock
from tuogu.jobs.progress import Steps

PACK_STEPS = (("汇集各处记录并封存清单", 100),)  # share of the whole, in percent


def pack_file(digest: str) -> Path:
    """Where the pack of this digest lies."""
    return Path(settings.TUOGU_FILES) / "audit" / f"{digest}.zip"


def run_pack(asked: Asked, clock: Clock, progress: Steps) -> dict[str, Any]:
    """arguments: first, last (ISO days, both included). Result: audit_pack (its id), files, bytes, digest."""
    folder = Path(settings.TUOGU_FILES) / "audit"
    folder.mkdir(parents=True, exist_ok=True)
    made = folder / f"making-{asked.by}-{asked.at:%Y%m%d%H%M%S%f}.zip"
    with progress.step("汇集各处记录并封存清单"):
        pack_id, packed = actions.make_pack(
            made, first=date.fromisoformat(asked.arguments["first"]),
            last=date.fromisoformat(asked.arguments["last"]), by=asked.by, at=clock(),
        )  # fmt: skip
        made.replace(pack_file(packed.digest))
        made.with_name(made.name + ".sha256").unlink()
    return {
        "audit_pack": pack_id,
        "files": packed.files,
        "bytes": packed.size_bytes,
        "digest": packed.digest,
    }
