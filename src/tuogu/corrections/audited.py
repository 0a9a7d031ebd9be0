"""What an auditor takes from this room: who called, wrote down, signed, applied, filed, checked and marked, by numbers.

In: days. Out: frames. Never: an answer, an old or a new value (their keyed hashes say whether two are the same).
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.core.amending import AMENDABLE, title_of
from tuogu.corrections.models import (
    Amendment,
    Batch,
    BatchEvent,
    BatchPaper,
    Hold,
    HoldEnd,
    LineOutcome,
    Programme,
    ReturnVisit,
    Sample,
    ScriptApproval,
    TruthCheck,
    Verdict,
    Withdrawal,
)
from tuogu.corrections.words import CHANNELS, LINE_OUTCOMES, OUTCOMES, PAPERS, SOURCES, VERDICTS

_TABLES: dict[str, Source] = {
    "回访话术核准": (ScriptApproval, "at", {
        "话术号": "script_id", "名称": "script__name", "版本": "script__version", "摘要": "script__digest",
        "编写人": "made_by_id", "核准人": "by_id", "时间": "at",
    }),
    "回访计划": (Programme, "made_at", {
        "计划号": "id", "名称": "name", "机构": "institution_code", "话术号": "script_id", "自": "first_date",
        "至（不含）": "until_date", "人数": "size", "名单摘要": "digest", "建立人": "made_by_id", "时间": "made_at",
    }),
    "回访记录": (ReturnVisit, "recorded_at", {
        "记录号": "id", "计划号": "programme_id", "客户号": "customer_number", "话术号": "script_id",
        "回访时间": "visited_at", "登记时间": "recorded_at", "回访人": "by_id", "方式": "channel", "结果": "outcome",
        "更正记录": "corrects_id",
    }),
    "更正登记": (Amendment, "recorded_at", {
        "更正号": "id", "客户号": "customer_number", "项目": "field", "来源": "source", "回访记录": "visit_id",
        "撤回更正": "undoes_id", "登记人": "by_id", "时间": "recorded_at",
    }),
    "更正撤销": (Withdrawal, "at", {"更正号": "amendment_id", "理由": "reason", "人员": "by_id", "时间": "at"}),
    "更改清单": (Batch, "made_at", {
        "清单号": "id", "机构": "institution_code", "状态": "state", "项数": "rows", "清单摘要": "content_digest",
        "文件摘要": "file_digest", "归集人": "made_by_id", "签名人": "signed_by_id", "签名时间": "signed_at",
        "签名摘要": "signed_digest", "执行人": "applied_by_id", "执行时间": "applied_at", "执行摘要": "applied_digest",
    }),
    "更改清单步骤": (BatchEvent, "at", {
        "清单号": "batch_id", "步骤": "state", "理由": "reason", "人员": "by_id", "时间": "at",
    }),
    "更改结果": (LineOutcome, "at", {
        "清单号": "line__batch_id", "更正号": "line__amendment_id", "结果": "outcome", "时间": "at",
    }),
    "更改清单存档": (BatchPaper, "at", {
        "清单号": "batch_id", "种类": "kind", "摘要": "digest", "人员": "by_id", "时间": "at",
    }),
    "真实性核查": (TruthCheck, "at", {"核查号": "id", "客户数": "customers", "人员": "by_id", "时间": "at"}),
    "真实性抽查": (Sample, "at", {
        "抽查号": "code", "机构": "institution_code", "名单数": "listed", "名单摘要": "list_digest", "种子": "seed_hex",
        "种子来源": "seed_source", "抽取数": "size", "人员": "by_id", "时间": "at",
    }),
    "抽查结论": (Verdict, "at", {
        "抽查号": "item__sample__code", "客户号": "item__customer_number", "结论": "verdict", "人员": "by_id",
        "时间": "at",
    }),
    "客户标记": (Hold, "at", {
        "标记号": "id", "客户号": "customer_number", "理由": "reason", "人员": "by_id", "时间": "at",
    }),
    "客户标记解除": (HoldEnd, "at", {"标记号": "hold_id", "理由": "reason", "人员": "by_id", "时间": "at"}),
}  # fmt: skip


_WORDS: dict[str, dict[str, Mapping[str, str]]] = {  # title → heading → code → word
    "回访记录": {"方式": CHANNELS, "结果": OUTCOMES},
    "更正登记": {"项目": {name: title_of(name) for name in AMENDABLE}, "来源": SOURCES},
    "更改结果": {"结果": LINE_OUTCOMES},
    "更改清单步骤": {"步骤": dict(Batch.State.choices)},
    "更改清单存档": {"种类": PAPERS},
    "抽查结论": {"结论": VERDICTS},
}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """What happened from `first` to `last`, both included."""
    return titled_between(_TABLES, first, last, _WORDS)
