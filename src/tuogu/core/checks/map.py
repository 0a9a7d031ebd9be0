"""The rules of a map plan: the map is read again from the options, line by line, and every placement held against it.

In: Plan, Book, Rulebook. Out: rows of VIOLATIONS. Never: an import of the planner. Postcodes stand in addresses, which a
release's book does not have: which pieces a postcode line placed is taken from the plan, and those are not judged.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from tuogu.core.basis import policy_communities
from tuogu.core.checks import placed
from tuogu.core.checks.case import rows
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import LIVE_STATES, Book, Plan

# digits of the official region codes
_REGION = (("community_code", 12), ("street_code", 9), ("district_code", 6), ("city_code", 4))


def check(plan: Plan, book: Book, rulebook: Rulebook) -> Iterator[pl.DataFrame]:
    """Rows of VIOLATIONS, frame by frame."""
    people = _in_post(plan, book).filter(pl.col("series").is_in(rulebook["map.series"]))
    scope = _scope(plan, book)
    yield from placed.conservation(plan, scope["number"], "P-26")
    yield from placed.receivers(plan, people["staff_number"], "P-26")
    yield from placed.reasons(plan, "P-26")
    yield from placed.bound(plan)
    yield from _facts(plan, scope)
    yield from _natures(plan, scope)
    yield from _lines(plan, book, rulebook, scope)


def _in_post(plan: Plan, book: Book) -> pl.DataFrame:
    people = book.books.people
    return people.filter(pl.col("left_date").is_null() | (pl.col("left_date") > plan.as_of))


def _scope(plan: Plan, book: Book) -> pl.DataFrame:
    """number and the book's facts of the live orphans that the option `scope` means, with `keeper`."""
    main = book.books.policies.filter((pl.col("kind") == "main") & pl.col("state").is_in(LIVE_STATES))
    frame = main.join(book.classified.filter("orphan"), on="policy_number").rename(
        {"policy_number": "number"}
    )
    held = book.held.filter((pl.col("relation") == "custody") & (pl.col("kind") == "policy"))
    frame = frame.join(held.select("number", holder="receiver"), on="number", how="left")
    here = _in_post(plan, book)["staff_number"]
    kept = pl.col("holder").is_in(here.implode()) | pl.col("holder").str.starts_with("department:")
    frame = frame.with_columns(
        keeper=pl.when(kept.fill_null(False)).then("holder").otherwise(pl.lit("buffer"))
    )
    if dict(plan.options).get("scope") == "all":
        return frame
    return frame.filter(pl.col("keeper") == "buffer")


def _facts(plan: Plan, scope: pl.DataFrame) -> Iterator[pl.DataFrame]:
    frame = plan.placements.join(scope, on="number", suffix="_true")
    wrong = frame.filter(pl.col("holder_number").ne_missing(pl.col("holder_number_true")))
    yield rows(wrong, "holder", "P-26", "number", "holder_number", "投保人", pl.lit("投保人与保单不一致"))
    odd = plan.placements.filter((pl.col("instalment") != 1) | (pl.col("lever") != "map"))
    yield rows(odd, "lever", "P-26", "number", "lever", "map", pl.lit("对应关系方案只有一种安置方式、一期"))
    left = plan.unplaced.join(scope, left_on="policy_number", right_on="number")
    other = left.filter(pl.col("custodian") != pl.col("keeper"))
    yield rows(other, "custodian", "P-26", "policy_number", "custodian", "台账", pl.lit("责任人与台账不一致"))


def _natures(plan: Plan, scope: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Problem, hard, difficult and lapsed pieces stay with the buffer group (S0-24)."""
    frame = plan.placements.join(scope, on="number")
    wrong = frame.filter(
        pl.col("nature").is_in(["problem", "hard"])
        | (pl.col("service_class") == "difficult")
        | (pl.col("state") == "lapsed")
    )
    yield rows(wrong, "nature", "S0-24", "number", "nature", "normal", pl.lit("该保单应由保全组负责"))


def _lines(plan: Plan, book: Book, rulebook: Rulebook, scope: pl.DataFrame) -> Iterator[pl.DataFrame]:
    """Each placed piece goes to the person of its finest code in the map; none with such a code is left over."""
    table = _map(dict(plan.options).get("map", ""))
    places = policy_communities(
        book.books.policies, book.located, rulebook["territory.address_basis"]
    ).rename({"policy_number": "number"})
    frame = scope.drop("community_code", strict=False).join(places, on="number", how="left")
    regions = book.communities.select(code for code, _ in _REGION)
    frame = frame.join(regions, on="community_code", how="left")
    by_post = plan.tables["map_lines"].filter(pl.col("kind") == "邮政编码")["line"]
    posted = plan.tables["ascribed"].filter(pl.col("line").is_in(by_post.implode()))["number"]
    if (table["kind"] == "postcode").any():
        frame = frame.filter(~pl.col("number").is_in(posted.implode()))
    best = pl.lit(None, pl.String)
    for column, digits in reversed(_REGION):
        known = table.filter((pl.col("kind") == "code") & (pl.col("key").str.len_chars() == digits))
        persons = dict(known.select("key", "value").iter_rows())
        said = pl.col(column).replace_strict(persons, default=None, return_dtype=pl.String)
        best = pl.coalesce(said, best)
    frame = frame.with_columns(best=best)
    units = _units(book, table)
    frame = frame.join(units, on="institution_code", how="left").with_columns(
        best=pl.coalesce("best", "unit_person")
    )
    answer = plan.placements.select("number", "receiver")
    wrong = frame.join(answer, on="number").filter(pl.col("best").ne_missing(pl.col("receiver")))
    yield rows(wrong, "map", "P-26", "number", "receiver", "对应关系", pl.lit("接收人不是对应关系所写的人"))
    gap = plan.unplaced.filter(pl.col("reason") == "not_mapped").select(number="policy_number")
    missed = frame.join(gap, on="number").filter(pl.col("best").is_not_null())
    yield rows(
        missed, "map", "P-26", "number", "best", "已安置", pl.lit("对应关系有这件保单的代码，却未安置")
    )


def _map(text: str) -> pl.DataFrame:
    """key, value, kind (code | postcode | institution) of the readable lines; '?' where a code names several persons."""
    found: dict[tuple[str, str], str] = {}
    for mark in "，；;,":
        text = text.replace(mark, "\n")
    for line in text.replace("＝", "=").splitlines():  # a list that people typed
        code, sign, person = (part.strip() for part in line.partition("="))
        if not (sign and code and person) or "=" in person:
            continue
        kind = {"邮编": "postcode", "机构": "institution"}.get(code[:2], "code")
        key = (kind, code if kind == "code" else code[2:])
        found[key] = person if found.get(key, person) == person else "?"
    listed = [(kind, key, person) for (kind, key), person in found.items()]
    return pl.DataFrame(
        listed, schema={"kind": pl.String, "key": pl.String, "value": pl.String}, orient="row"
    )


def _units(book: Book, table: pl.DataFrame) -> pl.DataFrame:
    """institution_code, unit_person: the person of the nearest business unit upwards that the map names."""
    regions = {code for column, _ in _REGION for code in book.communities[column].to_list()}
    persons = {
        key: person
        for kind, key, person in table.select("kind", "key", "value").iter_rows()
        if kind == "institution" or (kind == "code" and key not in regions)
    }
    parents = dict(book.books.institutions.select("institution_code", "parent_code").iter_rows())
    listed = []
    for code in book.books.policies["institution_code"].drop_nulls().unique().sort():  # a few hundred units
        above: str | None = code
        seen: set[str] = set()
        while above is not None and above not in persons and above not in seen:
            seen.add(above)
            above = parents.get(above)
        listed.append((code, persons.get(above) if above is not None else None))
    return pl.DataFrame(
        listed, schema={"institution_code": pl.String, "unit_person": pl.String}, orient="row"
    )
