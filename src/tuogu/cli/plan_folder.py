"""A plan as a folder of Parquet files, so that a later plan made from files can start from it.

In: a plan with its violations, or a folder. Out: one file a table, certificate.json, plan.json; and the Plan back. Never:
a folder whose plan.json and tables do not belong together (their digest is checked).
"""

from __future__ import annotations

import json
from datetime import date
from pathlib import Path

import polars as pl

from tuogu.cli.console import refuse
from tuogu.core.plan import plan_digest
from tuogu.core.tables import Plan
from tuogu.plans.archive import BY_HAND, OWN, RESULTS, certificate_as_json, plan_from

_HEAD = "plan.json"
_CERTIFICATE = "certificate.json"


def write_plan_folder(plan: Plan, violations: pl.DataFrame, folder: Path) -> Path:
    """Write every table of `plan`; returns the folder."""
    folder.mkdir(parents=True, exist_ok=True)
    frames = {name: getattr(plan, name) for name in RESULTS}
    frames |= {f"{OWN}{name}": frame for name, frame in plan.tables.items()}
    frames |= {BY_HAND: plan.adjusted} if plan.adjusted.height else {}
    for name, frame in (frames | {"violations": violations}).items():
        frame.write_parquet(folder / f"{name}.parquet")
    head = {
        "as_of": plan.as_of.isoformat(), "seed": plan.seed, "effort": plan.effort,
        "rulebook_version": plan.rulebook_version, "book_digest": plan.book_digest, "strategy": plan.strategy,
        "options": dict(plan.options), "digest": plan_digest(plan),
    }  # fmt: skip
    certificate = certificate_as_json(plan.certificate)
    for name, value in ((_HEAD, head), (_CERTIFICATE, certificate)):
        (folder / name).write_text(json.dumps(value, ensure_ascii=False, indent=1), encoding="utf-8")
    return folder


def read_plan_folder(folder: Path) -> Plan:
    """The plan of such a folder; refuses one that is incomplete or was changed."""
    missing = [
        name
        for name in (_HEAD, _CERTIFICATE, *(f"{n}.parquet" for n in RESULTS))
        if not (folder / name).exists()
    ]
    if missing:
        refuse(f"{folder} 不是 tuogu 写出的方案文件夹：缺少 {'、'.join(missing)}")
    head = json.loads((folder / _HEAD).read_text(encoding="utf-8"))
    digest = head.pop("digest")
    frames = {
        path.stem: pl.read_parquet(path)
        for path in sorted(folder.glob("*.parquet"))
        if path.stem in (*RESULTS, BY_HAND) or path.stem.startswith(OWN)
    }
    certificate = json.loads((folder / _CERTIFICATE).read_text(encoding="utf-8"))
    plan = plan_from(
        frames,
        head
        | {
            "certificate": certificate,
            "as_of": date.fromisoformat(head["as_of"]),
            "options": tuple(sorted(head["options"].items())),
        },
    )
    if plan_digest(plan) != digest:
        refuse(f"{folder} 中的方案与写出时的摘要不符，可能被改动过")
    return plan
