"""What an address says below the last division that it names: an estate, a road, a village, a firm; never a house number.

In: `key`, `address`, a gazetteer, the home city. Out: FRAGMENTS, one row a key. Never: a digit, a building, a room, a
person's name (only words that end like a place are kept).

Neighbours share a fragment, so that one decision can serve them all, and so that what was decided before is evidence.
"""

from __future__ import annotations

import polars as pl

from tuogu.core.address.gazetteer import Gazetteer
from tuogu.core.address.parse import parse_with_candidates
from tuogu.core.tables import Schema

FRAGMENTS: Schema = {
    "key": pl.String,
    "area_code": pl.String,  # deepest division down to a street that the text names; '' = none
    "fragment": pl.String,  # '' = nothing that neighbours could share
}
# Words that end a name of a place which many addresses share, longest first.
_ENDINGS = (
    "居民委员会|村民委员会|居委会|村委会|工业园区|工业园|科技园|家属院|家属楼|宿舍楼|有限公司|公司|宿舍|小区|花园|花苑|佳苑|公寓|家园|广场|大厦|"
    "新村|新城|社区|大道|胡同|商城|市场|医院|学校|中学|小学|大学|名邸|山庄|别墅|府邸|华庭|嘉园|雅苑|苑|路|街|巷|弄|里|坊|厂|村|庄|嘎查|园|城|庭|府|湾|墅|邸|居|轩|阁"
)  # fmt: skip
_AREA_DIGITS = 9  # of a street's official code
_NAME = rf"^(\p{{Han}}{{1,12}}?(?:{_ENDINGS}))(?:[^\p{{Han}}]|$|[东南西北中前后一二三四五六七八九十]|内|旁)"
_LONGER = rf"^(\p{{Han}}{{1,12}}(?:{_ENDINGS}))"


def fragments(frame: pl.DataFrame, gazetteer: Gazetteer, home_city: str | None = None) -> pl.DataFrame:
    """FRAGMENTS of `frame` (key, address), sorted by key."""
    parsed = parse_with_candidates(frame.select(id="key", text="address"), gazetteer, home_city)
    rest = pl.col("rest").fill_null("")
    name = pl.coalesce(rest.str.extract(_NAME, 1), rest.str.extract(_LONGER, 1))
    unknown = pl.when(pl.col("community_code").is_null()).then("community_surface")
    found = parsed.select(
        key=pl.Series("key", frame["key"], pl.String),
        area_code=pl.col("code").str.head(_AREA_DIGITS).fill_null(""),
        fragment=pl.coalesce(unknown, name).fill_null("").str.replace_all(r"[0-9A-Za-z]", ""),
    )
    return found.select(FRAGMENTS.keys()).sort("key")
