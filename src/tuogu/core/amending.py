"""What may be corrected about a customer, and how a new value must look: the same rules as at intake (S0-04, S0-07).

In: changes as people wrote them, with what is stored of the same customers. Out: canonical values, or why one is refused;
the canonical text of a list of amendments, from which anyone computes its SHA-256. Never: a value guessed or mended beyond
what intake does.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import polars as pl

from tuogu.core.identity import resident_id
from tuogu.core.intake_columns import RULES, ColumnFacts
from tuogu.core.intake_titles import TITLES
from tuogu.core.reject_advice import ADVICE
from tuogu.core.standardise_text import broken, normal, printable

AMENDABLE = ("name", "sex", "birth_date", "id_number", "phone", "address", "employer")
ADDRESS_PARTS = {  # S0-04: 市、区(县)、街道(乡镇)、社区(村)、幢、门牌号
    "city": ("市", "市"),
    "district": ("区（县）", ""),
    "street": ("街道（乡镇）", ""),
    "community": ("社区（村）", ""),
    "building": ("幢", "幢"),
    "room": ("门牌号", "室"),
}
CONTACT_TIME = "contact_time"
ASKED: dict[str, str] = {  # what a script may ask
    **{f"address.{part}": title for part, (title, _suffix) in ADDRESS_PARTS.items()},
    **{
        field: TITLES["customers"][field]
        for field in ("phone", "name", "sex", "birth_date", "id_number", "employer")
    },
    CONTACT_TIME: "方便联系的时间",
}
CHANGES = {"customer_number": pl.String, "field": pl.String, "value": pl.String}
_OWN_REASONS = {
    "unchanged": "与现有的值相同，不必登记",
    "unknown_field": "这一项不在可更正之列",
    "address_short": "地址至少要写到社区（村），并写明幢或门牌号",
}
_COLUMNS = {column.name: column for column in RULES["customers"].columns}


@dataclass(frozen=True)
class Judged:
    """`frame`: CHANGES with `value` canonical (null where refused) and `problem` (a reason code, null = fine)."""

    frame: pl.DataFrame

    @property
    def refused(self) -> pl.DataFrame:
        """customer_number, field, problem of what cannot be taken."""
        return self.frame.filter(pl.col("problem").is_not_null()).select(
            "customer_number", "field", "problem"
        )


def judge(changes: pl.DataFrame, stored: pl.DataFrame) -> Judged:
    """Standardise and validate `changes` (CHANGES). `stored`: CUSTOMERS of the same people, in clear."""
    parts = [_judged(field, part) for (field,), part in changes.group_by(["field"], maintain_order=True)]
    frame = pl.concat(parts) if parts else changes.with_columns(problem=pl.lit(None, pl.String))
    return Judged(_against_stored(_ids(frame, stored), stored))


def _judged(field: object, part: pl.DataFrame) -> pl.DataFrame:
    column = _COLUMNS.get(str(field)) if field in AMENDABLE else None
    if column is None:
        return part.with_columns(value=pl.lit(None, pl.String), problem=pl.lit("unknown_field"))
    shown = part.with_columns(written=printable(pl.col("value")))
    shown = shown.with_columns(text=normal(pl.col("written")), broken=broken(pl.col("written")))
    rule = column.rule(pl.col("written" if column.as_written else "text"), ColumnFacts())
    value = rule.value.cast(pl.String) if field != "birth_date" else rule.value.dt.to_string("%Y-%m-%d")
    judged = shown.with_columns(value=value, problem=pl.coalesce("broken", rule.problem))
    return judged.with_columns(
        problem=pl.when(pl.col("value").is_null())
        .then(pl.coalesce("problem", pl.lit("missing_value")))
        .otherwise("problem")
    ).select(*CHANGES, "problem")


def _ids(frame: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Resident IDs: check digit, and the birth date as it would stand after these changes."""
    born = frame.filter((pl.col("field") == "birth_date") & pl.col("problem").is_null())
    born = born.select("customer_number", new_birth=pl.col("value").str.to_date("%Y-%m-%d"))
    known = stored.select("customer_number", "id_type", known_birth="birth_date")
    joined = frame.join(known, on="customer_number", how="left", maintain_order="left")
    joined = joined.join(
        born.unique("customer_number"), on="customer_number", how="left", maintain_order="left"
    )
    read = resident_id(pl.col("value"))
    judged = (pl.col("field") == "id_number") & pl.col("problem").is_null()
    resident = judged & (pl.col("id_type").fill_null("resident_id") == "resident_id")
    birth = pl.coalesce("new_birth", "known_birth")
    problem = (
        pl.when(resident & ~read.shape_ok.fill_null(False))
        .then(pl.lit("bad_id_number"))
        .when(resident & ~read.check_ok.fill_null(False))
        .then(pl.lit("bad_id_check_digit"))
        .when(resident & read.birth_date.is_null())
        .then(pl.lit("bad_id_birth_date"))
        .when(resident & (read.birth_date != birth).fill_null(False))
        .then(pl.lit("birth_id_mismatch"))
        .otherwise("problem")
    )
    value = pl.when(resident & problem.is_null()).then(read.number).otherwise("value")
    return joined.with_columns(problem=problem, value=value).select(*CHANGES, "problem")


def _against_stored(frame: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    now = as_texts(stored).rename({"value": "now"})
    joined = frame.join(now, on=["customer_number", "field"], how="left", maintain_order="left")
    same = (pl.col("value") == pl.col("now")).fill_null(False)
    problem = pl.when(pl.col("problem").is_null() & same).then(pl.lit("unchanged")).otherwise("problem")
    return (
        joined.with_columns(problem=problem)
        .with_columns(value=pl.when(pl.col("problem").is_null()).then("value"))
        .select(*CHANGES, "problem")
    )


def as_texts(customers: pl.DataFrame) -> pl.DataFrame:
    """CHANGES of every amendable field of CUSTOMERS as it stands."""
    dated = customers.with_columns(pl.col("birth_date").dt.to_string("%Y-%m-%d"))
    long = dated.select("customer_number", *AMENDABLE).unpivot(
        index="customer_number", variable_name="field", value_name="value"
    )
    return long.select(pl.col(name).cast(kind) for name, kind in CHANGES.items())


def why(problem: str) -> str:
    """A refusal in Chinese: what is wrong, what to do."""
    if problem in _OWN_REASONS:
        return _OWN_REASONS[problem]
    wrong, advice = ADVICE[problem]
    return f"{wrong}；{advice}"


def title_of(field: str) -> str:
    """The Chinese word for a field."""
    return ASKED.get(field) or TITLES["customers"].get(field, field)


def address_of(parts: Mapping[str, str]) -> str:
    """The address in the standard form **市**区(县)**街道(乡镇)**社区(村)**幢**室, from its parts as typed.

    '' when no part is given. ValueError (Chinese) when it does not reach down to a house.
    """
    given = {name: "".join(parts.get(name, "").split()) for name in ADDRESS_PARTS}
    if not any(given.values()):
        return ""
    if not given["community"] or not (given["building"] or given["room"]):
        raise ValueError(_OWN_REASONS["address_short"])
    written = []
    for name, (_title, suffix) in ADDRESS_PARTS.items():
        text = given[name]
        written.append(
            text + suffix if suffix and text and text[-1].isalnum() and text[-1].isascii() else text
        )
    if given["city"] and not given["city"].endswith(("市", "州", "盟", "区")):
        written[0] = given["city"] + "市"
    return "".join(written)


def canonical(lines: Iterable[Mapping[str, Any]]) -> bytes:
    """The content of a list of amendments as bytes: one JSON array a line, in the order of `place`, UTF-8, newline ended.

    Each line: place, customer number, field, old value, new value (null = nothing).
    """
    keys = ("place", "customer_number", "field", "old", "new")
    rows = sorted(lines, key=lambda line: int(line["place"]))
    texts = [
        json.dumps([row[key] for key in keys], ensure_ascii=False, separators=(",", ":")) for row in rows
    ]
    return "".join(f"{text}\n" for text in texts).encode()


def content_digest(lines: Iterable[Mapping[str, Any]]) -> str:
    """SHA-256 of `canonical`: what is signed, and what is printed on the paper."""
    return sha256(canonical(lines)).hexdigest()
