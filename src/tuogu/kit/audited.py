"""What an auditor takes from this room: what was printed for whom, and what came back signed.

In: days. Out: frames. Never: what stands on a page (its digest says whether two are the same).
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.bulk import Source, titled_between
from tuogu.kit.kinds import RegisterKind
from tuogu.kit.models import Page, Print, Scan, SignedPage

_TABLES: dict[str, Source] = {
    "印制的登记表": (Print, "made_at", {
        "登记表号": "id", "种类": "kind", "客户经理": "person_id", "期间首日": "first_date", "行数": "rows", "页数": "pages",
        "摘要": "digest", "代替": "replaces_id", "印制人": "made_by_id", "时间": "made_at",
    }),
    "登记表各页": (Page, "register__made_at", {
        "登记表号": "register_id", "页": "place", "页码": "key", "行数": "rows", "摘要": "digest",
        "印制时间": "register__made_at",
    }),
    "签名扫描件": (Scan, "at", {
        "扫描件号": "id", "登记表号": "register_id", "摘要": "digest", "登记人": "by_id", "时间": "at",
    }),
    "签收的页": (SignedPage, "at", {
        "登记表号": "page__register_id", "页": "page__place", "扫描件号": "scan_id", "登记人": "by_id", "时间": "at",
    }),
}  # fmt: skip
_WORDS = {"印制的登记表": {"种类": {str(code): str(label) for code, label in RegisterKind.choices}}}


def audit_tables(first: date, last: date) -> dict[str, pl.DataFrame]:
    """What happened from `first` to `last`, both included."""
    return titled_between(_TABLES, first, last, _WORDS)
