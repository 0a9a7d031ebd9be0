"""The tree of institutions as a file would leave it: can it be built at all?

In: institutions of a file, those that are stored. Out: codes in an order in which every parent comes first. Never: a
write; a file taken whose institutions hang on nothing (most often it is another branch's).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import polars as pl

from tuogu.core.tables import INSTITUTIONS, conform
from tuogu.org.failures import OrgError
from tuogu.org.models import Institution

LIKELY = "；文件可能是另一个网点的，或少了这些机构的行"


def parents_first(wanted: Mapping[str, Mapping[str, object]], known: Iterable[str]) -> list[str]:
    """Codes so that every parent comes before its children; OrgError where that is impossible."""
    ordered: list[str] = []
    placed: set[object] = {None, *(set(known) - wanted.keys())}
    waiting = sorted(wanted)
    while waiting:
        ready = [code for code in waiting if (wanted[code]["parent_code"] or None) in placed]
        if not ready:
            raise OrgError(f"机构的上级不存在或互为上级：{'、'.join(waiting[:5])}{LIKELY}")
        ordered += ready
        placed |= set(ready)
        waiting = [code for code in waiting if code not in placed]
    return ordered


def judge_institutions(frame: pl.DataFrame) -> None:
    """OrgError, with the words of the import itself, when an INSTITUTIONS frame does not fit what is stored."""
    wanted = {row["institution_code"]: row for row in conform(frame, INSTITUTIONS).iter_rows(named=True)}
    parents_first(wanted, Institution.objects.values_list("code", flat=True))
