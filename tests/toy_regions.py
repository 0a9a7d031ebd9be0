"""A code book small enough to read: one city, two districts, the street and communities of the source's
example.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.address import Gazetteer

LEVEL_OF_DIGITS = {2: "province", 4: "city", 6: "district", 9: "street", 12: "community"}
PLACES = {
    "99": "某某省",
    "9901": "XX市",
    "990101": "江东区",
    "990102": "江北区",
    "990101001": "百丈街道",
    "990101002": "白鹤街道",
    "990102001": "文教街道",
    "990101001001": "划船社区",
    "990101002001": "白鹤社区",
    "990101002002": "丹凤社区",
    "990101002003": "白沙社区",
    "990102001001": "翠柏社区",
    "990102001002": "双东坊社区",
}


def regions(places: dict[str, str] = PLACES) -> pl.DataFrame:
    """code, name, level, parent_code of `places`; a parent is the longest shorter code."""
    shorter = {12: 9, 9: 6, 6: 4, 4: 2}
    return pl.DataFrame(
        [
            (c, n, LEVEL_OF_DIGITS[len(c)], c[: shorter[len(c)]] if len(c) > 2 else None)
            for c, n in places.items()
        ],
        schema={"code": pl.String, "name": pl.String, "level": pl.String, "parent_code": pl.String},
        orient="row",
    )


def events(*rows: tuple[str, str, str]) -> pl.DataFrame:
    """(old_code, old_name, new_code) of each change."""
    schema = {"old_code": pl.String, "old_name": pl.String, "new_code": pl.String}
    return pl.DataFrame(list(rows), schema=schema, orient="row")


def gazetteer(places: dict[str, str] = PLACES) -> Gazetteer:
    """The toy code book, indexed."""
    return Gazetteer.build(regions(places), events())


def communities(places: dict[str, str] = PLACES) -> pl.DataFrame:
    """The communities of `places` with the codes above them, as display codes are allotted to."""
    codes = [c for c in places if len(c) == 12]
    return pl.DataFrame(
        {
            "community_code": codes,
            "community": [places[c] for c in codes],
            "street_code": [c[:9] for c in codes],
            "district_code": [c[:6] for c in codes],
            "city_code": [c[:4] for c in codes],
        }
    )


def texts(*lines: str | None) -> pl.DataFrame:
    """Addresses with ids 0, 1, 2 …"""
    return pl.DataFrame(
        {"id": [str(i) for i in range(len(lines))], "text": list(lines)},
        schema={"id": pl.String, "text": pl.String},
    )
