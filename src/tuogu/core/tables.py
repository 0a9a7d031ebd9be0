"""The canonical tables that flow through tuogu: one schema for each, and the record types that carry them.

In: polars frames from readers and steps. Out: the same frames, proved to have these columns and types.
Never: a frame with a missing, extra or differently typed column passes `conform`.

Words: a *main policy* is the subject of custody; a *rider* (附加险) follows its main policy.
Money is integer fen, dates are `Date`, identifiers are text from the first byte to the last.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import polars as pl

S, I, D, B, F = pl.String, pl.Int64, pl.Date, pl.Boolean, pl.Float64
Schema = dict[str, pl.DataType | type[pl.DataType]]

# --- books: what a branch sends, standardised --------------------------------------------------------------

POLICIES: Schema = {
    "policy_number": S,  # unique, text
    "main_policy_number": S,  # null on a main policy; the main policy's number on a rider
    "kind": S,  # main | rider
    "product_name": S,
    "product_type": S,  # participating | universal | annuity | whole_life | term_life | health | accident
    "protection": B,  # True: pure protection product (S2-01 screens the others)
    "premium_mode": S,  # single | regular
    "payments_per_year": I,  # 0 (single), 1, 2, 4, 12
    "premium_fen": I,  # one instalment (regular) or the whole premium (single)
    "sum_insured_fen": I,
    "payment_term_years": I,
    "inception_date": D,
    "end_date": D,  # maturity or end of cover; null = whole life
    "state": S,  # in_force | lapsed | matured | surrendered | terminated | paid_out | transferred
    "lapse_date": D,
    "holder_number": S,  # customer number of the policyholder (投保人)
    "insured_number": S,  # customer number of the insured (被保险人)
    "agent_number": S,  # staff number of the selling agent; null = unknown
    "institution_code": S,  # managing institution
    "source": S,  # see ORPHAN_SOURCES; null = not given
    "components": S,  # single | main_rider_short | main_rider_long | main_main  (S4-01, combination policies)
}
CUSTOMERS: Schema = {
    "customer_number": S,
    "name": S,
    "sex": S,  # M | F
    "birth_date": D,
    "id_type": S,  # resident_id | passport | other
    "id_number": S,
    "phone": S,  # 11-digit mobile or landline with area code, digits only
    "address": S,  # as written
    "employer": S,
    "info_accurate": B,  # the three answers at intake (S4-05); null = not answered
    "complaint": B,
    "misconduct": B,
    "contactable": B,  # False: contact missing or changed
    "contact_attempts": I,  # dated attempts by distinct methods so far (S4-04)
}
PEOPLE: Schema = {
    "staff_number": S,
    "name": S,
    "series": S,  # collection (收展) | marketing (营销) | service (保全) | planner (规划师)
    "rank": S,
    "supervisor": B,  # True: leads the team
    "team_code": S,  # institution code of level team
    "institution_code": S,
    "phone": S,
    "address": S,  # home, as written
    "trait": S,  # free label matched to a district's trait; null = none
    "hired_date": D,
    "left_date": D,  # null = in post
    "recruiter_number": S,
}
INSTITUTIONS: Schema = {
    "institution_code": S,
    "name": S,
    "level": S,  # head | branch | central | sub | department | team  (总/分/中支/支/部/组)
    "parent_code": S,  # null at the top
    "region_code": S,  # official code of the region it serves; null = all
}
COORDINATES: Schema = {
    "region_code": S,  # official 12-digit community code
    "longitude": F,
    "latitude": F,
    "datum": S,  # WGS-84 | GCJ-02 | BD-09; one file, one datum
    "source": S,  # imported | synthetic | ...
}
REJECTS: Schema = {
    "sheet": S,
    "row": I,  # row number as Excel shows it
    "column": S,  # header as written in the file; null = whole row
    "reason": S,  # reason code, see core/reasons.py
    "detail": S,  # sentence in Chinese for the clerk
}
ORPHAN_SOURCES = (
    "leaver",
    "moved_in",
    "long_lapsed",
    "integrated",
    "unreachable",
    "team_not_qualified",
    "other",
)
LIVE_STATES = ("in_force", "lapsed")

# --- code and classify --------------------------------------------------------------------------------------

ADDRESS_LEVELS = ("province", "city", "district", "street", "community")
ADDRESS_TAIL = ("building", "unit", "room")
PARSED: Schema = {
    "id": S,
    **dict.fromkeys(ADDRESS_LEVELS, S),  # today's official name, null = not found
    **dict.fromkeys(ADDRESS_TAIL, S),
    **{f"{level}_surface": S for level in ADDRESS_LEVELS},  # as written
    "code": S,  # official code of the deepest level resolved (2, 4, 6, 9 or 12 digits)
    "community_code": S,  # 12 digits, null unless the community is resolved
    "confidence": F,  # 0..1, of the deepest level resolved
    "evidence": S,  # how it was found, short codes joined by ';'
    "missing": S,  # missing parts joined by ',' ('' = complete)
}
LOCATED: Schema = {  # one row a customer, and the same for staff homes
    "key": S,  # customer_number or staff_number
    "community_code": S,  # null = waits in the manual queue
    "status": S,  # coded | manual
    "reason": S,  # why manual: no_address | no_community | ambiguous | low_confidence | outside_city ...
    "confidence": F,
    "candidates": S,  # community codes joined by ',', best first
}
CLASSIFIED: Schema = {  # one row a main policy
    "policy_number": S,
    "orphan": B,
    "orphan_type": S,  # combination | non_pure | pure; null when not an orphan
    "orphan_type_reason": S,
    "combination": B,  # the two facts behind the type, whatever the order makes of them
    "non_pure": B,
    "orphan_source": S,
    "orphan_source_reason": S,
    "nature": S,  # normal | hard | problem  (正常/困难/问题)
    "nature_reason": S,
    "service_class": S,  # normal | difficult | lapsed  (正常/疑难/失效)
    "service_class_reason": S,
    "route": S,  # territory | agent_in_post | specialist | investigation | buffer | closed (no longer live)
}
COMMUNITIES: Schema = {  # the code book's communities that this book touches, with where they are
    "community_code": S,
    "community": S,
    "street_code": S,
    "street": S,
    "district_code": S,
    "district": S,
    "city_code": S,
    "city": S,
    "display_code": S,  # 8 digits, S0-08
    "x_m": F,  # metres on a plane local to the city; null = no coordinates
    "y_m": F,
}

FACTS: Schema = {  # what was measured of a person or a department, frozen; see core/facts.py for the keys
    "subject": S,  # staff number, or institution code of a department
    "month": D,  # first day of the month that the fact speaks of
    "key": S,
    "value": I,  # integer in the key's scale (hundredths of a percent, fen, pieces …); null where `text` says it
    "text": S,  # a word instead of a number (rank); null otherwise
    "source_ref": S,  # the record that it was taken from (S1-22)
    "author": S,  # staff number of who gave it; null = taken over from a system
}
HELD: Schema = {  # who holds what in which relation, and how often it was handed out before
    "number": S,  # policy or customer number
    "kind": S,  # policy | customer
    "relation": S,  # custody | development | supervision
    "receiver": S,  # staff number, 'department:<code>' or 'buffer'
    "since": D,
    "times": I,  # releases in this relation so far (circulation count, S1-05)
}

AWAY: Schema = {  # people in post who receive nothing for a time (P-06); half-open periods
    "staff_number": S,
    "from_date": D,
    "until_date": D,  # first day back; why, is nobody's business who reads a plan
}
REFUSED: Schema = {  # customers to whom nothing may be offered: every number of who refused marketing (L-03)
    "customer_number": S,
}
UNPROVEN: Schema = {  # customers whose data was found untrue and is not corrected yet (L-09)
    "customer_number": S,
}
LOT_ORDER: Schema = {  # the published order of a draw, with the numbers behind its pseudonyms
    "draw_id": S,
    "place": I,  # 1..n over the whole list
    "pseudonym": S,  # under which the outsider sees it
    "number": S,
}

# --- plan ------------------------------------------------------------------------------------------------

PLACEMENTS: Schema = {  # every strategy's answer: who shall hold what
    "number": S,  # policy or customer number, whichever the strategy places; unique
    "holder_number": S,  # the customer whose it is
    "receiver": S,  # staff number, 'department:<code>' or 'buffer'
    "instalment": I,  # 1..n: quarterly release, wave
    "unit_code": S,  # identification unit; null where the strategy has none
    "lever": S,  # how it came to the receiver; words in core/labels.LEVERS
    "place": I,  # 1..n in the receiver's own list, most valuable first; null = no order
}

ADJUSTED: Schema = {  # placements that a person moved by hand after the program had proposed (N-04)
    "number": S,
    "former": S,  # receiver, lever and unit that the program gave
    "former_lever": S,
    "former_unit": S,
    "receiver": S,
    "by": S,  # staff number of who moved it
    "day": D,
    "reason": S,
}

MONTH_COLUMNS = tuple(f"m{month:02d}" for month in range(1, 13))
UNITS: Schema = {
    "unit_code": S,  # display code of the community + two digits (S0-09)
    "community_code": S,
    "policies": I,
    "x_m": F,
    "y_m": F,
    **dict.fromkeys(MONTH_COLUMNS, I),  # pieces due in each calendar month
    "staff_number": S,  # exactly one; null = no account manager fits, see unplaced
}
ASSIGNMENTS: Schema = {
    "policy_number": S,
    "holder_number": S,
    "community_code": S,
    "unit_code": S,
    "staff_number": S,
    "lever": S,  # unit | adjacent (month repair hands a policy to a touching manager, S0-22)
    "instalment": I,  # 1..n, the quarterly release it belongs to (S0-23)
    **dict.fromkeys(MONTH_COLUMNS, I),
}
UNPLACED: Schema = {
    "policy_number": S,
    "reason": S,  # not_regular | lapsed | no_address_code | hard | problem | no_capacity | agent_in_post ...
    "detail": S,  # sentence in Chinese
    "custodian": S,  # 'buffer' or the staff number that keeps it
}
LOADS: Schema = {"staff_number": S, "month": I, "due": I}
BREAKS: Schema = {
    "level": S,
    "key": S,
    "pieces": I,
    "detail": S,
}  # level: manager | team | community | street
CANDIDATES: Schema = {  # ranked receivers of a unit (or of one subject), best cost first
    "unit_code": S,  # null where the strategy has no units
    "policy_number": S,  # the subject's number; null on a unit's own row
    "rank": I,
    "staff_number": S,
    "cost_m": I,  # weighted distance, integer metres, that choosing this person adds
    "verdict": S,  # chosen | dearer | month_band | cap | floor | contiguity | team | ...
    "detail": S,  # sentence in Chinese with the figures
}
VIOLATIONS: Schema = {"rule": S, "req": S, "key": S, "value": S, "bound": S, "detail": S}


class TableError(ValueError):
    """A frame does not have the columns or types of its schema: a broken invariant, never a user's error."""


def conform(frame: pl.DataFrame, schema: Schema) -> pl.DataFrame:
    """Return `frame` with exactly the columns of `schema`, in that order; raise TableError otherwise."""
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        raise TableError(f"missing columns: {missing}")
    wrong = {n: frame.schema[n] for n, t in schema.items() if frame.schema[n] != t}
    nulls = [n for n, t in wrong.items() if t == pl.Null]
    if wrong.keys() - set(nulls):
        raise TableError(f"wrong types: { {n: str(t) for n, t in wrong.items()} }")
    return frame.select(pl.col(n).cast(t) if n in nulls else pl.col(n) for n, t in schema.items())


def empty(schema: Schema) -> pl.DataFrame:
    """An empty frame of `schema`."""
    return pl.DataFrame(schema=schema)


@dataclass(frozen=True)
class Books:
    """What was accepted of a branch's files, standardised. Row order carries no meaning."""

    policies: pl.DataFrame
    customers: pl.DataFrame
    people: pl.DataFrame
    institutions: pl.DataFrame
    coordinates: pl.DataFrame = field(default_factory=lambda: empty(COORDINATES))
    data_date: date = date.min


@dataclass(frozen=True)
class Book:
    """Input of a plan: books, coded and classified. Built by `core.prepare.prepare`."""

    books: Books
    located: pl.DataFrame  # LOCATED for customers
    homes: pl.DataFrame  # LOCATED for people in post
    classified: pl.DataFrame  # CLASSIFIED
    communities: pl.DataFrame  # COMMUNITIES
    neighbours: pl.DataFrame  # community_a, community_b: imported pairs; may be empty
    facts: pl.DataFrame = field(default_factory=lambda: empty(FACTS))
    held: pl.DataFrame = field(default_factory=lambda: empty(HELD))
    lots: pl.DataFrame = field(default_factory=lambda: empty(LOT_ORDER))
    away: pl.DataFrame = field(default_factory=lambda: empty(AWAY))
    refused: pl.DataFrame = field(default_factory=lambda: empty(REFUSED))
    unproven: pl.DataFrame = field(default_factory=lambda: empty(UNPROVEN))


@dataclass(frozen=True, kw_only=True)
class Certificate:
    """What is proved about a plan. `objective` and `lower_bound` are integers in the unit of the metric: policy-metres
    for distances, see each strategy for the others. `figures` are for reading, `objective` is what was minimised.
    """

    metric: str  # a key of core/labels.METRICS: 'metres', 'rounding', 'tier_cost' …
    objective: int
    lower_bound: int
    gap: float  # see core/gap
    violations: int = 0  # hard violations counted by check_plan
    moved_adjacent: int = 0  # policies handed to a touching manager by month repair
    limits_hit: tuple[str, ...] = ()  # 'search_moves', 'repair_nodes' ... empty = none
    binding: tuple[tuple[str, str], ...] = ()  # (staff_number, limit) where a yearly cap binds
    feasibility: tuple[tuple[str, str], ...]  # arithmetic facts: (fact, figure), incl. infeasible months
    contiguity: str  # 'judged' | 'not_judged: <why>'
    figures: tuple[tuple[str, float], ...] = ()  # further named figures


@dataclass(frozen=True)
class Plan:
    """A proposal (预分配). Nothing in it is binding until it is released through the ledger.

    `placements` is what a release reads; `unplaced` names everything else that the strategy looked at (its
    `policy_number` is a customer number where the strategy places customers). `assignments` … `candidates` are the
    territory strategy's tables (empty elsewhere); `tables` are the other strategies' own, each described by a
    `core.sheets.Sheet`.
    """

    unplaced: pl.DataFrame
    certificate: Certificate
    as_of: date
    seed: int
    effort: int
    rulebook_version: str
    book_digest: str
    strategy: str = "territory"
    options: tuple[tuple[str, str], ...] = ()
    placements: pl.DataFrame = field(default_factory=lambda: empty(PLACEMENTS))
    candidates: pl.DataFrame = field(default_factory=lambda: empty(CANDIDATES))
    assignments: pl.DataFrame = field(default_factory=lambda: empty(ASSIGNMENTS))
    units: pl.DataFrame = field(default_factory=lambda: empty(UNITS))
    loads: pl.DataFrame = field(default_factory=lambda: empty(LOADS))
    breaks: pl.DataFrame = field(default_factory=lambda: empty(BREAKS))
    tables: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    adjusted: pl.DataFrame = field(default_factory=lambda: empty(ADJUSTED))  # see core/by_hand
