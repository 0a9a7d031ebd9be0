"""Between the canonical tables and the stored rows: which column goes where, and what is encrypted on the way.

In: CUSTOMERS, POLICIES, LOCATED frames. Out: frames whose columns are database columns; and back.
Never: plain text of a personal field in a returned stored frame.
"""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu import vault
from tuogu.core.tables import CUSTOMERS, POLICIES, Schema

CONTRACT = tuple(
    name for name in POLICIES if name not in {"policy_number", "main_policy_number", "kind"}
)  # columns that policies and riders share, named alike in the database
_TAIL = 4  # last digits by which a clerk looks up an ID or phone number
_PLAIN = (
    "sex", "birth_date", "id_type", "info_accurate", "complaint", "misconduct", "contactable", "contact_attempts",
)  # fmt: skip


def customer_rows(
    customers: pl.DataFrame, located: pl.DataFrame, data_date: date, import_run: int
) -> pl.DataFrame:
    """Rows of books_customer: personal columns sealed and hashed, code columns joined by customer number."""
    codes = located.select(
        pl.col("key").alias("customer_number"),
        "community_code",
        code_status="status",
        code_reason="reason",
        code_confidence="confidence",
        code_candidates="candidates",
    )
    frame = customers.join(codes, on="customer_number", how="left")
    sealed = [
        _sealed("name_sealed", frame["name"]),
        _hashed("name_hash", frame["name"], "name"),
        _sealed("id_sealed", frame["id_number"]),
        _hashed("id_hash", frame["id_number"], "id"),
        _hashed("id_tail_hash", frame["id_number"].str.slice(-_TAIL), "id_tail"),
        _sealed("phone_sealed", frame["phone"]),
        _hashed("phone_hash", frame["phone"], "phone"),
        _hashed("phone_tail_hash", frame["phone"].str.slice(-_TAIL), "phone_tail"),
        _sealed("address_sealed", frame["address"]),
        _sealed("employer_sealed", frame["employer"]),
    ]
    plain = frame.select(
        pl.col("customer_number").alias("number"),
        *_PLAIN,
        "community_code",
        pl.col("code_status").fill_null("manual"),
        "code_reason",
        "code_confidence",
        "code_candidates",
        data_date=pl.lit(data_date),
        import_run_id=pl.lit(import_run, pl.Int64),
    )
    return plain.with_columns(sealed)


def _sealed(name: str, values: pl.Series) -> pl.Series:
    return pl.Series(name, vault.seal_texts(values.to_list()), dtype=pl.Binary)


def _hashed(name: str, values: pl.Series, purpose: str) -> pl.Series:
    return pl.Series(name, vault.keyed_hashes(values.to_list(), purpose), dtype=pl.Binary)


def contract_rows(policies: pl.DataFrame, data_date: date, import_run: int) -> pl.DataFrame:
    """Number, main policy's number and contract columns of main policies or riders."""
    return policies.select(
        pl.col("policy_number").alias("number"),
        "main_policy_number",
        *CONTRACT,
        data_date=pl.lit(data_date),
        import_run_id=pl.lit(import_run, pl.Int64),
    )


def customers_from_rows(rows: pl.DataFrame, *, personal: bool) -> pl.DataFrame:
    """CUSTOMERS from stored rows; personal columns are null unless `personal`."""
    opened = {
        "name": "name_sealed", "id_number": "id_sealed", "phone": "phone_sealed", "address": "address_sealed",
        "employer": "employer_sealed",
    }  # fmt: skip
    columns: Schema = dict(CUSTOMERS)
    made = [
        pl.Series(
            name,
            vault.open_texts(rows[sealed].to_list()) if personal else [None] * rows.height,
            dtype=pl.String,
        )
        for name, sealed in opened.items()
    ]
    frame = rows.rename({"number": "customer_number"}).with_columns(made)
    return frame.select(pl.col(name).cast(kind) for name, kind in columns.items())
