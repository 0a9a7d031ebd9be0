"""Reads of the books. Frames out; personal columns only where the caller says so."""

from __future__ import annotations

from datetime import date

import polars as pl

from tuogu.books.models import Coordinate, Customer, DisplayCode, ImportRun, Policy, Reject, Rider
from tuogu.books.rows import CONTRACT, customers_from_rows
from tuogu.core.tables import COORDINATES, POLICIES, Books
from tuogu.org import queries as org

_CUSTOMER = (
    "number", "sex", "birth_date", "id_type", "info_accurate", "complaint", "misconduct", "contactable",
    "contact_attempts", "name_sealed", "id_sealed", "phone_sealed", "address_sealed", "employer_sealed",
)  # fmt: skip


def display_codes() -> pl.DataFrame:
    """community_code, display_code of every code ever given."""
    rows = list(DisplayCode.objects.order_by("community_code").values_list("community_code", "display_code"))
    return pl.DataFrame(rows, schema={"community_code": pl.String, "display_code": pl.String}, orient="row")


def latest_data_date() -> date | None:
    """The newest data date imported; None before the first import."""
    return ImportRun.objects.order_by("-data_date").values_list("data_date", flat=True).first()


def written_by(import_run: int, contracts: pl.DataFrame) -> pl.DataFrame:
    """The rows of `contracts` (number, …) that this import stored; the others met a row that is no older."""
    numbers = Policy.objects.filter(import_run=import_run).values_list("number", flat=True)
    written = pl.DataFrame({"number": list(numbers)}, schema={"number": pl.String})
    return contracts.join(written, on="number", how="semi")


def numbers_missing_from(books: Books) -> pl.DataFrame:
    """kind, number of stored customers and policies that the given books do not hold."""
    held = {
        "customer": (Customer, books.customers["customer_number"]),
        "policy": (Policy, books.policies["policy_number"]),
    }
    frames = []
    for kind, (model, given) in held.items():
        numbers = pl.DataFrame(
            {"number": list(model.objects.values_list("number", flat=True))}, schema={"number": pl.String}
        )
        missing = numbers.join(given.to_frame("number"), on="number", how="anti")
        frames.append(missing.select(kind=pl.lit(kind), number="number"))
    return pl.concat(frames).sort("kind", "number")


def stored_policies() -> pl.DataFrame:
    """POLICIES of everything stored, main policies and riders."""
    mains = _rows(Policy, ("number", *CONTRACT)).with_columns(
        main_policy_number=pl.lit(None, pl.String), kind=pl.lit("main")
    )
    riders = _rows(Rider, ("number", "main_policy_number", *CONTRACT)).with_columns(kind=pl.lit("rider"))
    both = pl.concat([mains, riders], how="diagonal_relaxed").rename({"number": "policy_number"})
    return both.select(pl.col(name).cast(kind) for name, kind in POLICIES.items())


def stored_customers(*, personal: bool) -> pl.DataFrame:
    """CUSTOMERS of everything stored; name, ID, phone, address and employer are null unless `personal`."""
    return customers_from_rows(_rows(Customer, _CUSTOMER), personal=personal)


def stored_coordinates() -> pl.DataFrame:
    """COORDINATES as imported."""
    rows = list(Coordinate.objects.order_by("region_code").values_list(*COORDINATES))
    return pl.DataFrame(rows, schema=dict(COORDINATES), orient="row")


def stored_books() -> Books:
    """Everything stored, as Books with the newest data date. Decrypts: who calls this reads personal data."""
    return Books(
        policies=stored_policies(),
        customers=stored_customers(personal=True),
        people=org.staff_list(),
        institutions=org.institutions(),
        coordinates=stored_coordinates(),
        data_date=latest_data_date() or date.min,
    )


def counts() -> dict[str, int]:
    """How many rows each table of the books holds."""
    return {model.__name__: model.objects.count() for model in (Customer, Policy, Rider, ImportRun, Reject)}


def _rows(model: type[Customer] | type[Policy] | type[Rider], columns: tuple[str, ...]) -> pl.DataFrame:
    rows = list(model.objects.order_by("number").values_list(*columns))
    return pl.DataFrame(rows, schema=list(columns), orient="row", infer_schema_length=None)
