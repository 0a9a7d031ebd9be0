"""Local changes to the code book: added, split, merged, renamed and retired streets and communities (S0-10, N-12).

In: a code book's regions and events, CHANGES rows. Out: what is wrong with each row, or the regions and events after them.
Never: a code given out twice, a retired code without its event, a child left without its parent, an official code guessed.

A row is one step from an old code to a new one: a split of A into B and C is two rows with the old code A, a merge of A
and B into C two rows with the new code C. What a split leaves behind has a new code too: whoever lived under the old one
is asked again, because nobody knows on which side.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import polars as pl

from tuogu.core.tables import Schema

CHANGES: Schema = {
    "row": pl.Int64,  # of the file, from 1; its own number where the change was typed
    "kind": pl.String,  # KINDS
    "old_code": pl.String,  # null for an added region
    "old_name": pl.String,  # as the clerk wrote it; must be today's name
    "new_code": pl.String,  # null for a retired region; of a rename null or the old code
    "new_name": pl.String,
    "parent_code": pl.String,  # of a new region; else null
}
PROBLEMS: Schema = {"row": pl.Int64, "problem": pl.String}
KINDS = {"add": "新增", "split": "拆分", "merge": "合并", "rename": "更名", "retire": "停用"}
SOURCE = "local"
_DISTRICT_DIGITS = 6  # of a district's official code
_STREET_DIGITS = 9  # of a street's
_COMMUNITY_DIGITS = 12  # of a community's
_LEVELS = {_STREET_DIGITS: ("street", 4), _COMMUNITY_DIGITS: ("community", 5)}  # digits → level, its depth
_PARENT_DIGITS = {_STREET_DIGITS: _DISTRICT_DIGITS, _COMMUNITY_DIGITS: _STREET_DIGITS}
_PARTS_MIN = 2  # a division into one part, or a union of one, is another kind of change


def problems(changes: pl.DataFrame, regions: pl.DataFrame, events: pl.DataFrame) -> pl.DataFrame:
    """PROBLEMS of `changes` against a code book, by row; empty where all of it can be done at once."""
    found = [*_of_rows(changes, regions, events), *_of_groups(changes), *_of_the_result(changes, regions)]
    frame = pl.DataFrame(found, schema=PROBLEMS, orient="row")
    return frame.unique(maintain_order=True).sort("row", maintain_order=True)


def applied(
    changes: pl.DataFrame, regions: pl.DataFrame, events: pl.DataFrame, *, year: int, source: str = SOURCE
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Regions and events after `changes` that have no problems. Rows of regions stay sorted by code."""
    names = dict(regions.select("code", "name").iter_rows())
    gone = changes.filter(pl.col("kind").is_in(["split", "merge", "retire"]) & _leaves())["old_code"].unique()
    renamed = changes.filter(pl.col("kind") == "rename").select(code="old_code", today="new_name")
    kept = regions.filter(~pl.col("code").is_in(gone.implode())).join(renamed, on="code", how="left")
    kept = kept.with_columns(name=pl.coalesce("today", "name")).drop("today")
    after = pl.concat([kept, _new_regions(changes, regions, year, source)]).sort("code")
    return after, pl.concat([events, _events(changes, names, events, year, source)])


def used_codes(regions: pl.DataFrame, events: pl.DataFrame) -> set[str]:
    """Every code that is or ever was given out: none of them is given again."""
    return {*regions["code"], *events["old_code"].drop_nulls(), *events["new_code"].drop_nulls()}


def _leaves() -> pl.Expr:
    """A merge may keep the code of one of those that are merged: that one does not leave."""
    return pl.col("new_code").is_null() | (pl.col("new_code") != pl.col("old_code"))


def _new_regions(changes: pl.DataFrame, regions: pl.DataFrame, year: int, source: str) -> pl.DataFrame:
    fresh = changes.filter(
        pl.col("kind").is_in(["add", "split", "merge"])
        & pl.col("new_code").is_not_null()
        & ~pl.col("new_code").is_in(regions["code"].implode())
    ).unique("new_code", keep="first", maintain_order=True)
    level = pl.col("new_code").str.len_chars().replace_strict(
        {digits: name for digits, (name, _) in _LEVELS.items()}, return_dtype=pl.String
    )  # fmt: skip
    filled = {
        "code": pl.col("new_code"), "name": pl.col("new_name"), "level": level, "parent_code": pl.col("parent_code"),
        "real": pl.lit(True), "year": pl.lit(year, pl.Int64), "source": pl.lit(source),
    }  # fmt: skip
    columns = [filled.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in regions.schema.items()]
    return fresh.select(columns)


def _events(
    changes: pl.DataFrame, names: dict[str, str], events: pl.DataFrame, year: int, source: str
) -> pl.DataFrame:
    """One event a row that has a past; an added region has none."""
    past = changes.filter(
        (pl.col("kind") != "add") & (_leaves() | (pl.col("kind") == "rename"))
    ).with_columns(known=pl.col("old_code").replace_strict(names, default=None, return_dtype=pl.String))
    depth = pl.col("old_code").str.len_chars().replace_strict(
        {digits: depth for digits, (_, depth) in _LEVELS.items()}, return_dtype=pl.Int64
    )  # fmt: skip
    heir = pl.when(pl.col("kind") == "rename").then("old_code").otherwise("new_code")
    filled = {
        "old_code": pl.col("old_code"), "old_name": pl.col("known"), "old_path": pl.col("known"),
        "new_code": heir, "new_name": pl.col("new_name"), "level": depth,
        "year": pl.lit(year, pl.Int64), "kind": pl.col("kind"), "source": pl.lit(source),
    }  # fmt: skip
    return past.select(
        filled.get(name, pl.lit(None)).cast(kind).alias(name) for name, kind in events.schema.items()
    )


def _of_rows(changes: pl.DataFrame, regions: pl.DataFrame, events: pl.DataFrame) -> Iterable[tuple[int, str]]:
    names = dict(regions.select("code", "name").iter_rows())
    used = used_codes(regions, events)
    for change in changes.iter_rows(named=True):
        for text in _of_row(change, names, used):
            yield change["row"], text


def _of_row(change: dict[str, str | None], names: dict[str, str], used: set[str]) -> Iterable[str]:
    kind, old, new = change["kind"] or "", change["old_code"] or "", change["new_code"] or ""
    if kind not in KINDS:
        yield f"变更类型“{kind}”不是新增、拆分、合并、更名、停用之一"
        return
    if kind != "add":
        yield from _of_old(change, names, used)
    if kind in ("add", "split", "merge"):
        yield from _of_new(change, names, used)
    if kind == "rename":
        if new not in ("", old):
            yield "更名不换代码；代码也变时请用“合并”到新代码"
        if not change["new_name"]:
            yield "没有写新名称"
        elif change["new_name"] == names.get(old):
            yield f"{old} 现在就叫“{change['new_name']}”"
    if kind == "retire" and new:
        yield "停用没有新代码；有去向时请用“合并”或“拆分”"


def _of_old(change: dict[str, str | None], names: dict[str, str], used: set[str]) -> Iterable[str]:
    old = change["old_code"] or ""
    if not old:
        yield "没有写原代码"
    elif len(old) not in _LEVELS or not old.isdecimal():
        yield f"原代码 {old} 应为 9 位（街道、乡镇）或 12 位（社区、村）数字"
    elif old not in names:
        yield f"原代码 {old} 已停用" if old in used else f"编码簿中没有原代码 {old}"
    elif change["old_name"] and change["old_name"] != names[old]:
        yield f"{old} 现在叫“{names[old]}”，不是“{change['old_name']}”"


def _of_new(change: dict[str, str | None], names: dict[str, str], used: set[str]) -> Iterable[str]:
    kind, old, new = change["kind"], change["old_code"] or "", change["new_code"] or ""
    if not new:
        yield "没有写新代码"
        return
    if len(new) not in _LEVELS or not new.isdecimal():
        yield f"新代码 {new} 应为 9 位（街道、乡镇）或 12 位（社区、村）数字"
        return
    if old and len(old) != len(new):
        yield f"{old} 与 {new} 不是同一级"
    if kind == "merge" and new in names:  # into a region that is there already
        if change["new_name"] and change["new_name"] != names[new]:
            yield f"{new} 现在叫“{names[new]}”；合并后改名请另写一行“更名”"
        return
    if new in used:
        yield f"代码 {new} 用过，永不再用"
    if not change["new_name"]:
        yield "没有写新名称"
    parent = change["parent_code"] or ""
    if len(parent) != _PARENT_DIGITS[len(new)]:
        yield f"上级代码应为 {_PARENT_DIGITS[len(new)]} 位"
    elif not new.startswith(parent):
        yield f"新代码 {new} 不以上级 {parent} 开头"


def _of_groups(changes: pl.DataFrame) -> Iterable[tuple[int, str]]:
    """What several rows say together."""
    split = changes.filter(pl.col("kind") == "split")
    for (old,), part in split.group_by("old_code", maintain_order=True):
        if part["new_code"].n_unique() < _PARTS_MIN:
            yield part["row"][0], f"{old} 只拆成一个；拆分要写出每一部分，每部分一行"
    merge = changes.filter(pl.col("kind") == "merge")
    for (new,), part in merge.group_by("new_code", maintain_order=True):
        if part["new_name"].drop_nulls().n_unique() > 1 or part["parent_code"].drop_nulls().n_unique() > 1:
            yield part["row"][0], f"并入 {new} 的各行，新名称或上级不一致"
    fresh = changes.filter(pl.col("kind").is_in(["add", "split"]) & pl.col("new_code").is_not_null())
    others = pl.concat([fresh["new_code"], merge["new_code"].drop_nulls().unique()])
    for row, new in fresh.filter(pl.col("new_code").is_in(others.filter(others.is_duplicated()).implode())).select(
        "row", "new_code"
    ).iter_rows():  # fmt: skip
        yield row, f"新代码 {new} 在文件中给了不止一处"
    yield from _told_twice(changes)


def _told_twice(changes: pl.DataFrame) -> Iterable[tuple[int, str]]:
    past = changes.filter((pl.col("kind") != "add") & pl.col("old_code").is_not_null())
    for (old,), part in past.group_by("old_code", maintain_order=True):
        kinds = part["kind"].unique().to_list()
        if len(kinds) > 1 or (part.height > 1 and kinds != ["split"]):
            yield part["row"][-1], f"{old} 在文件中变更了不止一次；请分两次变更"


def _of_the_result(changes: pl.DataFrame, regions: pl.DataFrame) -> Iterable[tuple[int, str]]:
    """Every region that remains or is new stands below one that remains."""
    leaving = changes.filter(pl.col("kind").is_in(["split", "merge", "retire"]) & _leaves())
    gone = set(leaving["old_code"].drop_nulls())
    fresh = changes.filter(pl.col("kind").is_in(["add", "split", "merge"]))
    alive = (set(regions["code"]) - gone) | set(fresh["new_code"].drop_nulls())
    for row, parent in fresh.select("row", "parent_code").drop_nulls().iter_rows():
        if parent not in alive:
            yield row, f"上级 {parent} 不在编码簿中，或在本次变更中停用"
    children = regions.filter(~pl.col("code").is_in(list(gone)) & pl.col("parent_code").is_in(list(gone)))
    left = dict(children.group_by("parent_code").len().iter_rows())
    for row, old in leaving.select("row", "old_code").drop_nulls().iter_rows():
        if left.get(old):
            yield row, f"{old} 停用后还有 {left[old]} 个下级没有上级；请在同一文件中一并变更"


def summed(changes: pl.DataFrame) -> dict[str, int]:
    """How many changes of each kind: splits and retirements by the old code, the others by the new one."""
    counts = {}
    for kind in KINDS:
        rows = changes.filter(pl.col("kind") == kind)
        by: Sequence[str] = ["old_code"] if kind in ("split", "retire", "rename") else ["new_code"]
        if rows.height:
            counts[kind] = rows.unique(by).height
    return counts
