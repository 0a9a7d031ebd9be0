"""Reads of the books. Frames out; personal columns only where the caller says so."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, timedelta

import polars as pl
from django.db.models import Q

from tuogu.books import people
from tuogu.books.address_desk import DeskItem, Part, Spot, desk_item, home_item, pattern_spots, spots_of
from tuogu.books.address_known import BY_HAND, NOT_CODABLE, decided_addresses, home_city
from tuogu.books.address_queue import (
    DOUBTFUL,
    Pattern,
    Waiting,
    pattern_numbers,
    patterns,
    queue_before,
    queue_counts,
    queue_page,
    waiting_customer,
)
from tuogu.books.ahead import Ahead, ahead
from tuogu.books.assignments import (
    AssignmentFilter,
    AssignmentPage,
    BatchPage,
    assignment_count,
    assignment_page,
    batch_page,
    batch_record,
    visible_batches,
)
from tuogu.books.at_places import (
    Visit,
    ZoneCheck,
    check_zones,
    community_of_display,
    counts_by_community,
    customers_in,
    invented_positions,
    placed_communities,
    suggested_halves,
    visits,
    zone_communities,
    zone_of,
)
from tuogu.books.audited import audit_tables
from tuogu.books.beside import Beside, batches_beside, customers_beside, policies_beside
from tuogu.books.bought import bought
from tuogu.books.care import care_cases, care_lines, care_people, community_of_customers
from tuogu.books.carried import (
    CARRIED,
    birth_dates,
    carried_by,
    carried_of,
    family_of,
    live_of,
    orphans_at,
    premiums_of,
)
from tuogu.books.claimable import (
    Piece,
    PieceFilter,
    PiecePage,
    PoolContent,
    piece_count,
    piece_page,
    piece_streets,
    piece_traits,
    pieces_by_number,
    pool_contents,
    unclaimed,
)
from tuogu.books.counted_ground import community_names, counted_ground, street_names
from tuogu.books.customer_filters import CUSTOMER_VIEWS, CustomerFilter
from tuogu.books.customer_records import (
    CustomerRecord,
    Kin,
    customer_assignments,
    customer_record,
    visible_customer,
)
from tuogu.books.customers import (
    CustomerRow,
    CustomersPage,
    CustomerTotals,
    customer_page,
    customer_totals,
    customer_view_counts,
    policies_of_customers,
)
from tuogu.books.feed import (
    CustodyNow,
    custody_now,
    custody_of_subjects,
    customers_seen,
    entries_after,
    entries_between,
    import_within,
    imports_after,
    institutions_of_policies,
    known_policies,
    policies_of_holders,
    policies_seen,
    policy_subject,
    riders_outside,
)
from tuogu.books.filters import VIEWS, PolicyFilter, month_of
from tuogu.books.forecast import Forecast, forecast
from tuogu.books.held import Held, held_by_person
from tuogu.books.held_rows import Arrival, CustomerPage, HeldBeside, HeldCustomer, HeldPolicy, Month
from tuogu.books.homes import Home, decided_homes, homes, live_in_one_street, waiting_homes
from tuogu.books.imports import (
    IMPORT_STATES,
    ImportFilter,
    ImportRecord,
    RejectedLine,
    import_count,
    import_page,
    import_reject_count,
    import_rejects,
    import_run,
    importers,
    newest_import,
    open_reverts,
)
from tuogu.books.listed import (
    ListedRow,
    PolicyPage,
    Totals,
    district_names,
    managing_institutions,
    place_names,
    policy_page,
    policy_totals,
    region_name,
    street_options,
    subjects_of,
    view_counts,
    visible_subject,
)
from tuogu.books.managing import managed
from tuogu.books.measured import Around, customers_measured, policies_bought, policies_measured
from tuogu.books.missing import numbers_missing_from
from tuogu.books.models import (
    Coordinate,
    Customer,
    DisplayCode,
    ImportRun,
    ListedPolicy,
    Policy,
    Reject,
    Rider,
)
from tuogu.books.opened import opened_customers
from tuogu.books.orphan_types import orphan_types
from tuogu.books.pending import pending
from tuogu.books.people import ShownCustomer
from tuogu.books.persons import (
    contracts_of,
    customer_within,
    customers_known,
    erased,
    numbers_within,
    policies_of,
    same_person,
    whole_file,
)
from tuogu.books.pooled import PlanWords, PoolLine, PoolPage, pool_lines, pool_page
from tuogu.books.reached import (
    communities_of,
    entered_by,
    filled,
    holders_within,
    policy_of,
    reached,
    sold_by,
)
from tuogu.books.reached import within as customers_within
from tuogu.books.records import Contract, PolicyReasons, PolicyRecord, Reasons, policy_reasons, policy_record
from tuogu.books.reverting import RevertPreview, preview_revert
from tuogu.books.rows import CONTRACT, customers_from_rows
from tuogu.books.search import Search, SearchKind, read_search
from tuogu.books.standing import Stock, policies_by_institution, stock, without_custodian
from tuogu.books.terms import (
    contact_stock,
    contract_terms,
    held_pieces,
    stock_mark,
    subjects_of_holder,
    subjects_with_birthday,
    visible_subjects,
)
from tuogu.books.territory import Distribution, Ground, RegionRow, distribution, ground, positions
from tuogu.core.tables import COORDINATES, POLICIES, Books
from tuogu.org import queries as org
from tuogu.rules import queries as rules

__all__ = [
    "BY_HAND",
    "CARRIED",
    "CUSTOMER_VIEWS",
    "DOUBTFUL",
    "IMPORT_STATES",
    "NOT_CODABLE",
    "VIEWS",
    "Ahead",
    "Around",
    "Arrival",
    "AssignmentFilter",
    "AssignmentPage",
    "BatchPage",
    "Beside",
    "Contract",
    "CustodyNow",
    "CustomerFilter",
    "CustomerPage",
    "CustomerRecord",
    "CustomerRow",
    "CustomerTotals",
    "CustomersPage",
    "DeskItem",
    "Distribution",
    "Forecast",
    "Ground",
    "Held",
    "HeldBeside",
    "HeldCustomer",
    "HeldPolicy",
    "Home",
    "ImportFilter",
    "ImportRecord",
    "Kin",
    "ListedRow",
    "Month",
    "Part",
    "Pattern",
    "Piece",
    "PieceFilter",
    "PiecePage",
    "PlanWords",
    "PolicyFilter",
    "PolicyPage",
    "PolicyReasons",
    "PolicyRecord",
    "PoolContent",
    "PoolLine",
    "PoolPage",
    "Reasons",
    "RegionRow",
    "RejectedLine",
    "RevertPreview",
    "Search",
    "SearchKind",
    "ShownCustomer",
    "Spot",
    "Stock",
    "Totals",
    "Visit",
    "Waiting",
    "ZoneCheck",
    "ahead",
    "assignment_count",
    "assignment_page",
    "audit_tables",
    "batch_page",
    "batch_record",
    "batches_beside",
    "birth_dates",
    "bought",
    "care_cases",
    "care_lines",
    "care_people",
    "carried_by",
    "carried_of",
    "check_zones",
    "communities_of",
    "community_codes",
    "community_names",
    "community_of_customers",
    "community_of_display",
    "contact_stock",
    "contract_terms",
    "contracts_of",
    "counted_ground",
    "counts",
    "counts_by_community",
    "custody_now",
    "custody_of_subjects",
    "customer_assignments",
    "customer_page",
    "customer_record",
    "customer_totals",
    "customer_view_counts",
    "customer_within",
    "customers_beside",
    "customers_in",
    "customers_known",
    "customers_measured",
    "customers_seen",
    "customers_within",
    "decided_addresses",
    "decided_homes",
    "desk_item",
    "display_codes",
    "distribution",
    "district_names",
    "entered_by",
    "entries_after",
    "entries_between",
    "erased",
    "family_of",
    "filled",
    "forecast",
    "ground",
    "held_by_person",
    "held_pieces",
    "holders_within",
    "home_city",
    "home_item",
    "homes",
    "import_count",
    "import_page",
    "import_reject_count",
    "import_rejects",
    "import_run",
    "import_within",
    "importers",
    "imports_after",
    "institutions_of_policies",
    "invented_positions",
    "known_policies",
    "latest_data_date",
    "live_in_one_street",
    "live_of",
    "managed",
    "managing_institutions",
    "month_of",
    "newest_import",
    "numbers_missing_from",
    "numbers_out_of_date",
    "numbers_within",
    "open_reverts",
    "opened_customers",
    "orphan_types",
    "orphans_at",
    "pattern_numbers",
    "pattern_spots",
    "patterns",
    "pending",
    "piece_count",
    "piece_page",
    "piece_streets",
    "piece_traits",
    "pieces_by_number",
    "place_names",
    "placed_communities",
    "policies_beside",
    "policies_bought",
    "policies_by_institution",
    "policies_measured",
    "policies_of",
    "policies_of_customers",
    "policies_of_holders",
    "policies_seen",
    "policy_of",
    "policy_page",
    "policy_reasons",
    "policy_record",
    "policy_subject",
    "policy_totals",
    "pool_contents",
    "pool_lines",
    "pool_page",
    "positions",
    "premiums_of",
    "preview_revert",
    "queue_before",
    "queue_counts",
    "queue_page",
    "reached",
    "read_search",
    "region_name",
    "riders_outside",
    "same_person",
    "shown_customers",
    "sold_by",
    "spots_of",
    "stock",
    "stock_mark",
    "stored_books",
    "stored_coordinates",
    "stored_customers",
    "stored_policies",
    "street_names",
    "street_options",
    "subjects_of",
    "subjects_of_holder",
    "subjects_with_birthday",
    "suggested_halves",
    "unclaimed",
    "view_counts",
    "visible_batches",
    "visible_customer",
    "visible_subject",
    "visible_subjects",
    "visits",
    "waiting_customer",
    "waiting_homes",
    "whole_file",
    "without_custodian",
    "written_by",
    "zone_communities",
    "zone_of",
]

_CUSTOMER = (
    "number", "sex", "birth_date", "id_type", "info_accurate", "complaint", "misconduct", "contactable",
    "contact_attempts", "name_sealed", "id_sealed", "phone_sealed", "address_sealed", "employer_sealed",
)  # fmt: skip


def display_codes() -> pl.DataFrame:
    """community_code, display_code of every code ever given."""
    rows = list(DisplayCode.objects.order_by("community_code").values_list("community_code", "display_code"))
    return pl.DataFrame(rows, schema={"community_code": pl.String, "display_code": pl.String}, orient="row")


def community_codes() -> list[str]:
    """Codes of every community in which a customer lives or for which a display code was given."""
    lived = Customer.objects.filter(community_code__isnull=False).values_list("community_code", flat=True)
    return sorted({*lived.distinct(), *DisplayCode.objects.values_list("community_code", flat=True)})


def numbers_out_of_date(as_of: date, long_lapsed_months: int) -> list[str]:
    """Policies whose listing tells of an earlier day: a due day before this month, a lapse that is long by now."""
    due = Q(state="in_force", next_due_date__lt=as_of.replace(day=1))
    months = as_of.year * 12 + as_of.month - 1 - long_lapsed_months
    lapsed_by = date(months // 12, months % 12 + 1, 1) + timedelta(days=as_of.day)  # a day late costs nothing
    lapsed = Q(state="lapsed", orphan=False, lapse_date__lte=lapsed_by)
    return list(ListedPolicy.objects.filter(due | lapsed).values_list("number", flat=True))


def shown_customers(numbers: Iterable[str], *, clear: bool = False) -> dict[str, ShownCustomer]:
    """Customers by number as they may be shown, masked unless `clear`: the one way by which pages get personal data.

    Who asks for `clear` has counted the look in the access log before. The digits that stay visible are those of the
    newest rulebook adopted: a stricter mask counts at once.
    """
    return people.shown(numbers, rules.applicable(date.max), clear=clear)


def known_numbers(numbers: Collection[str]) -> set[str]:
    """Those of the numbers that are policies or riders of the books."""
    found = (m.objects.filter(number__in=numbers).values_list("number", flat=True) for m in (Policy, Rider))
    return {number for rows in found for number in rows}


def latest_data_date() -> date | None:
    """The newest data date imported; None before the first import."""
    return ImportRun.objects.order_by("-data_date").values_list("data_date", flat=True).first()


def written_by(import_run: int, contracts: pl.DataFrame) -> pl.DataFrame:
    """The rows of `contracts` (number, …) that this import stored; the others met a row that is no older."""
    numbers = Policy.objects.filter(import_run=import_run).values_list("number", flat=True)
    written = pl.DataFrame({"number": list(numbers)}, schema={"number": pl.String})
    return contracts.join(written, on="number", how="semi")


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
