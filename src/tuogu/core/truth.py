"""Is what stands about customers plausible? Whole-column validators over stored customers (L-09, S3-01).

In: customers in clear with the community that their address was coded to, the phones of the staff, the day, from how many
holders on a shared phone is implausible. Out: FINDINGS, one row for each customer and kind; rates of error for whoever
entered or sold. Never: a verdict about a person (a finding asks for a look), a value in a finding.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

import polars as pl

from tuogu.core.address.tail import parse_tail
from tuogu.core.identity import resident_id

KINDS: Mapping[str, tuple[str, str]] = {  # kind → words, the field that it is about
    "phone_missing": ("没有电话", "phone"),
    "phone_repeated": ("同一电话登记给多位客户", "phone"),
    "phone_of_staff": ("电话是业务员自己的", "phone"),
    "phone_patterned": ("电话号码像编造的（连号或同号）", "phone"),
    "id_missing": ("没有证件号码", "id_number"),
    "id_malformed": ("证件号码位数或地区不对", "id_number"),
    "id_check_digit": ("证件号码校验位不符", "id_number"),
    "birth_id_mismatch": ("出生日期与证件号码不一致", "birth_date"),
    "birth_implausible": ("出生日期不合常理", "birth_date"),
    "name_odd": ("姓名含数字或符号", "name"),
    "address_missing": ("没有地址", "address"),
    "address_incomplete": ("地址不到门牌", "address"),
    "address_not_coded": ("地址认不出社区", "address"),
}
FINDINGS = {"customer_number": pl.String, "kind": pl.String}
RATES = {"entrant": pl.String, "customers": pl.Int64, "wrong": pl.Int64}
_SAME = r"(?:0{6}|1{6}|2{6}|3{6}|4{6}|5{6}|6{6}|7{6}|8{6}|9{6})"
_RUN = r"(?:0?1234567|2345678|3456789|9876543|8765432)"
_ODD_NAME = r"[0-9０-９]|[!@#$%^&*_=+\[\]{}<>?/\\|~]"
_OLDEST_YEARS = 120  # nobody insured was ever older


def findings(
    customers: pl.DataFrame, staff_phones: pl.Series, *, shared_from: int, as_of: date
) -> pl.DataFrame:
    """FINDINGS by kind and customer. `customers`: CUSTOMERS and community_code."""
    read = resident_id(pl.col("id_number"))
    tail = parse_tail(pl.col("address"))
    seen = customers.with_columns(
        holders=pl.len().over("phone"), shape_ok=read.shape_ok, check_ok=read.check_ok, id_birth=read.birth_date,
        house=pl.coalesce(tail["building"], tail["room"], tail["road_number"]),
        resident=pl.col("id_type").fill_null("resident_id") == "resident_id",
    )  # fmt: skip
    phone, number, address, born = (pl.col(name) for name in ("phone", "id_number", "address", "birth_date"))
    resident = pl.col("resident") & number.is_not_null()
    wrong = {
        "phone_missing": phone.is_null(),
        "phone_repeated": phone.is_not_null() & (pl.col("holders") >= shared_from),
        "phone_of_staff": phone.is_in(staff_phones.drop_nulls().unique().implode()),
        "phone_patterned": phone.str.contains(_SAME) | phone.str.contains(_RUN),
        "id_missing": number.is_null(),
        "id_malformed": resident & ~pl.col("shape_ok"),
        "id_check_digit": resident & pl.col("shape_ok") & ~pl.col("check_ok"),
        "birth_id_mismatch": resident & pl.col("shape_ok") & (pl.col("id_birth") != born),
        "birth_implausible": (born > as_of) | (born < date(as_of.year - _OLDEST_YEARS, 1, 1)),
        "name_odd": pl.col("name").str.contains(_ODD_NAME),
        "address_missing": address.is_null(),
        "address_incomplete": address.is_not_null() & pl.col("house").is_null(),
        "address_not_coded": address.is_not_null() & pl.col("community_code").is_null(),
    }
    parts = [
        seen.filter(wrong[kind].fill_null(False)).select("customer_number", kind=pl.lit(kind))
        for kind in KINDS
    ]
    return pl.concat(parts).sort("kind", "customer_number")


def error_rates(found: pl.DataFrame, entered: pl.DataFrame) -> pl.DataFrame:
    """RATES, the most first: of the customers of each entrant (customer_number, entrant) how many have a finding."""
    wrong = found.select("customer_number").unique().with_columns(wrong=pl.lit(1, pl.Int64))
    joined = entered.unique().join(wrong, on="customer_number", how="left")
    rates = joined.group_by("entrant").agg(
        customers=pl.len().cast(pl.Int64), wrong=pl.col("wrong").fill_null(0).sum()
    )
    share = pl.col("wrong") / pl.col("customers")
    return rates.sort("wrong", share, "entrant", descending=[True, True, False]).select(*RATES)
