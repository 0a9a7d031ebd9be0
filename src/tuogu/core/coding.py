"""Display codes of S0-08, identification units of S0-09, registers of levels, and codes of earlier versions.

In: communities, policies with their community, and what was allotted before. Out: the same rows with two
digits a level (city, district, street, community) and, for policies, a unit of so many policies inside the
community. Never: a code that changes or is given out twice, a policy without a unit, a hundredth entry
squeezed into two digits.
"""

from __future__ import annotations

from typing import Protocol

import polars as pl

_LEVELS = ("city", "district", "street", "community")
_LEVEL_NAMES = {"city": "市", "district": "区(县)", "street": "街道(乡镇)", "community": "社区(村)"}
_LEVEL_DIGITS = (12, 9, 6, 4, 2)  # of an official code, from the community up to the province
_DIGITS = 2  # the form of the code itself (S0-08, territory.code_digits): changing it would be another code
_LAST = 10**_DIGITS - 1


class CodeOverflow(ValueError):
    """More entries than two digits can number; the message advises in Chinese what to do."""


class CodebookLike(Protocol):
    """What `resolve_code` reads of a code book."""

    @property
    def regions(self) -> pl.DataFrame: ...
    @property
    def events(self) -> pl.DataFrame: ...


def allot_display_codes(communities: pl.DataFrame, existing: pl.DataFrame | None = None) -> pl.DataFrame:
    """`communities` with `display_code` (8 digits), sorted by community_code.

    Needs community_code, street_code, district_code, city_code (other columns pass through; a display_code
    among them is replaced). New entries are numbered within their parent by official code, after everything
    in `existing`: an earlier result, retired communities included, with community_code and display_code
    (and the three codes above, which are otherwise read from `communities`). Raises CodeOverflow past 99.
    """
    known = _known(existing, communities)
    frame = communities.drop("display_code", strict=False).sort("community_code")
    prefix = pl.lit("")
    for level in _LEVELS:
        code = f"{level}_code"
        entries = frame.select(code, prefix=prefix).unique(code, keep="first", maintain_order=True)
        allotted = _allot_level(entries.rename({code: "code"}), known.filter(pl.col("level") == level), level)
        allotted = allotted.select(pl.col("code").alias(code), pl.col("display").alias(f"{level}_display"))
        frame = frame.join(allotted, on=code, how="left", maintain_order="left")
        prefix = pl.col(f"{level}_display")
    shown = frame.with_columns(display_code="community_display")
    return shown.drop(f"{level}_display" for level in _LEVELS)


def _known(existing: pl.DataFrame | None, communities: pl.DataFrame) -> pl.DataFrame:
    """Every entry ever allotted: level, code (null: retired and no longer known), display (two digits a
    level).
    """
    schema = {"level": pl.String, "code": pl.String, "display": pl.String}
    if existing is None:
        return pl.DataFrame(schema=schema)
    codes = [f"{level}_code" for level in _LEVELS]
    if not set(codes) <= set(existing.columns):
        existing = existing.select("community_code", "display_code").join(
            communities.select(codes), on="community_code", how="left"
        )
    parts = [
        existing.select(
            level=pl.lit(level),
            code=f"{level}_code",
            display=pl.col("display_code").str.head(_DIGITS * (depth + 1)),
        )
        for depth, level in enumerate(_LEVELS)
    ]
    return pl.concat(parts).sort("level", "code", "display").unique(maintain_order=True)


def _allot_level(entries: pl.DataFrame, known: pl.DataFrame, level: str) -> pl.DataFrame:
    """Displays of one level's entries (code, prefix): the known one, else the next number below the
    parent's prefix.
    """
    first = known.drop_nulls("code").unique("code", keep="first", maintain_order=True)
    first = first.select("code", kept="display")
    taken = known.group_by(prefix=pl.col("display").str.head(-_DIGITS)).agg(
        last=pl.col("display").str.tail(_DIGITS).cast(pl.Int64).max()
    )
    new = entries.join(first, on="code", how="anti").sort("prefix", "code")
    new = new.join(taken, on="prefix", how="left").with_columns(
        number=pl.col("last").fill_null(0) + pl.int_range(1, pl.len() + 1).over("prefix")
    )
    _refuse_overflow(new, level)
    numbered = new.select(
        "code", display=pl.col("prefix") + pl.col("number").cast(pl.String).str.zfill(_DIGITS)
    )
    kept = entries.join(first, on="code").select("code", display="kept")
    return pl.concat([kept, numbered])


def _refuse_overflow(new: pl.DataFrame, level: str) -> None:
    over = new.filter(pl.col("number") > _LAST).sort("code")
    if over.is_empty():
        return
    code, parent, name = over["code"][0], over["prefix"][0] or "全国", _LEVEL_NAMES[level]
    raise CodeOverflow(
        f"显示编码 {parent} 下的{name}超过 {_LAST} 个,官方代码 {code} 已无两位数可用(共 {over.height} 个)。"
        f"建议:只给本机构有保单的{name}编码,或先在编码簿中把上级拆成两个,再重新编码;官方代码不受影响。"
    )


def allot_units(
    policies: pl.DataFrame, display: pl.DataFrame, unit_size: int, existing: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Membership of `policies` (policy_number, community_code) in units: policy_number, unit_code (10
    digits).

    `display` gives community_code and display_code; `unit_size` is the rulebook's territory.unit_size.
    Policies in `existing` (policy_number, unit_code, those of ended policies included) keep their unit
    while they stay in the community; the others follow by policy number, first in the free seats of the
    community's last unit, then in new units. Raises CodeOverflow past 99 units, ValueError for a policy
    without a display code.
    """
    if unit_size < 1:
        raise ValueError(f"unit_size must be positive, not {unit_size}")
    coded = policies.select("policy_number", "community_code").join(
        display.select("community_code", "display_code"), on="community_code", how="left"
    )
    if coded["display_code"].null_count():
        lost = coded.filter(pl.col("display_code").is_null()).sort("policy_number")["policy_number"][0]
        raise ValueError(f"policies without a display code, e.g. {lost}")
    held = _held(existing)
    kept = coded.join(held, on=["policy_number", "display_code"]).select("policy_number", "unit_code")
    fresh = coded.join(kept, on="policy_number", how="anti").sort("display_code", "policy_number")
    fresh = fresh.join(_last_units(held), on="display_code", how="left").with_columns(
        seat=pl.col("seats").fill_null(0) + pl.int_range(pl.len()).over("display_code")
    )
    fresh = fresh.with_columns(number=pl.col("last").fill_null(1) + pl.col("seat") // unit_size)
    _refuse_unit_overflow(fresh, unit_size)
    unit = pl.col("display_code") + pl.col("number").cast(pl.String).str.zfill(_DIGITS)
    return pl.concat([kept, fresh.select("policy_number", unit_code=unit)]).sort("policy_number")


def _held(existing: pl.DataFrame | None) -> pl.DataFrame:
    if existing is None:
        return pl.DataFrame(schema=dict.fromkeys(("policy_number", "unit_code", "display_code"), pl.String))
    return existing.select("policy_number", "unit_code", display_code=pl.col("unit_code").str.head(-_DIGITS))


def _last_units(held: pl.DataFrame) -> pl.DataFrame:
    """The last unit of each community and its taken seats: display_code, last, seats."""
    sizes = held.group_by("display_code", last=pl.col("unit_code").str.tail(_DIGITS).cast(pl.Int64)).agg(
        seats=pl.len().cast(pl.Int64)
    )
    return sizes.sort("last").unique("display_code", keep="last", maintain_order=True)


def _refuse_unit_overflow(fresh: pl.DataFrame, unit_size: int) -> None:
    over = fresh.filter(pl.col("number") > _LAST)
    if over.is_empty():
        return
    worst = (
        over.group_by("display_code").agg(most=pl.col("number").max()).sort("most", "display_code").row(-1)
    )
    enough = -(-worst[1] * unit_size // _LAST)
    raise CodeOverflow(
        f"社区 {worst[0]} 需要 {worst[1]} 个识别码单位,两位数只能编 {_LAST} 个。"
        f"建议:把制度参数 territory.unit_size 从 {unit_size} 提高到 {enough} 以上,或把该社区拆成两个编码。"
    )


def count_children(regions: pl.DataFrame, buildings: pl.DataFrame | None = None) -> pl.DataFrame:
    """Register of levels (S0-03): code, name, level, parent_code, children (direct), sorted by code.

    `buildings` (community_code, building) counts the distinct buildings of a community as its children;
    without it a community has none.
    """
    below = [regions.filter(pl.col("parent_code").is_not_null()).select(code="parent_code", child="code")]
    if buildings is not None:
        houses = buildings.drop_nulls(["community_code", "building"]).unique(["community_code", "building"])
        below.append(houses.select(code="community_code", child="building"))
    counts = pl.concat(below).group_by("code").agg(children=pl.len().cast(pl.Int64))
    register = regions.select("code", "name", "level", "parent_code").join(counts, on="code", how="left")
    return register.with_columns(pl.col("children").fill_null(0)).sort("code")


def resolve_code(code: str, codebook: CodebookLike) -> tuple[str, ...]:
    """What an official code of any earlier version stands for today; itself when it is still in force.

    Events are followed to the end (a division that was split has several heirs, sorted). A code below a
    retired division that no event names resolves to the heirs of its deepest known ancestor, a shorter
    code; an unknown province gives ().
    """
    today = codebook.regions["code"]
    for digits in _LEVEL_DIGITS:
        if len(code) < digits:
            continue
        heirs = _heirs(code[:digits], today, codebook.events)
        if heirs:
            return heirs
    return ()


def _heirs(code: str, today: pl.Series, events: pl.DataFrame) -> tuple[str, ...]:
    """Codes of today that `code` leads to through events; () when none does."""
    found: set[str] = set()
    seen: set[str] = set()
    queue = [code]
    while queue:
        current = queue.pop()
        if current in seen:
            continue
        seen.add(current)
        if (today == current).any():
            found.add(current)
        else:
            queue += events.filter(pl.col("old_code") == current)["new_code"].drop_nulls().to_list()
    return tuple(sorted(found))
