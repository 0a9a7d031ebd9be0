"""What goes in and out, as OpenAPI tells it. Rows have the canonical column names of the templates; amounts are fen.

In: the canonical schemas of core. Out: models. Never: a second list of columns.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal

import polars as pl
from ninja import Schema
from pydantic import ConfigDict, Field, create_model

from tuogu.core.intake_tables import SHEETS
from tuogu.core.intake_titles import TITLES
from tuogu.core.standardise_words import STATE

_CELL_CHARS_MAX = 500
_FEN_MAX = 10**15
_ROWS_MAX = 100_000  # what a rulebook could allow at most; the one in force says less
NUMBER = r"^[0-9A-Za-z][0-9A-Za-z\-_/.#]{0,39}$"
Number = Annotated[str, Field(pattern=NUMBER)]

_Cell = (
    Annotated[str, Field(max_length=_CELL_CHARS_MAX)]
    | Annotated[int, Field(ge=-_FEN_MAX, le=_FEN_MAX)]
    | float
    | bool
    | None
)
_Fen = Annotated[int, Field(ge=-_FEN_MAX, le=_FEN_MAX)] | None


class Strict(Schema):
    """Refuses what it does not know."""

    model_config = ConfigDict(extra="forbid")


def _row(kind: str) -> Any:
    fields = {
        name: (_Fen if name.endswith("_fen") and column == pl.Int64 else _Cell,
               Field(default=None, description=TITLES[kind][name]))
        for name, column in SHEETS[kind].items()
    }  # fmt: skip
    return create_model(f"{kind.capitalize()}Row", __base__=Strict, **fields)  # type: ignore[call-overload]


def _push(kind: str) -> Any:
    rows = Annotated[list[_row(kind)], Field(min_length=1, max_length=_ROWS_MAX)]  # type: ignore[misc]
    return create_model(f"{kind.capitalize()}Push", __base__=Strict, data_date=(date, ...), rows=(rows, ...))


PoliciesPush, CustomersPush, PeoplePush, InstitutionsPush, MotorPush = (
    _push(kind) for kind in ("policies", "customers", "people", "institutions", "motor")
)


class LeaverEvent(Strict):
    """Somebody leaves: the whole book passes to the buffer group."""

    kind: Literal["leaver"]
    staff_number: Number
    date: date


class PolicyStateEvent(Strict):
    """A policy lapses, lives again or ends; the stored row is imported with its new state as of that day."""

    kind: Literal["policy_state"]
    policy_number: Number
    state: Literal[tuple(STATE)]  # type: ignore[valid-type]
    date: date


class EventsPush(Strict):
    """Events, in any order."""

    events: list[Annotated[LeaverEvent | PolicyStateEvent, Field(discriminator="kind")]] = Field(
        min_length=1, max_length=_ROWS_MAX
    )


class Rejection(Schema):
    """Why a row was not accepted. row: from 1; field null: the whole row; detail: Chinese, masked."""

    row: int
    field: str | None
    reason: str
    detail: str


class PushAnswer(Schema):
    """accepted + rejected = sent. already: the very content was there before. counts: what the import changed."""

    sent: int
    accepted: int
    rejected: int
    rejections: list[Rejection]
    already: bool
    import_id: int | None
    counts: dict[str, int]


class JobAnswer(Schema):
    """A push that a worker does. state: waiting | done | refused; result once done; detail where refused."""

    id: int
    url: str
    state: Literal["waiting", "done", "refused"]
    done_percent: int
    result: PushAnswer | None
    detail: str


class Custody(Schema):
    """Who holds a policy now; custodian: staff number or name of a pool, null = nobody any more (it has ended)."""

    policy_number: str
    holder_number: str
    institution_code: str | None
    state: str
    custodian: str | None
    since_date: date | None
    entry_id: int | None
    kind: str | None
    batch_id: int | None
    batch_key: str | None


class CustodyPage(Schema):
    """next: what to ask after; more: whether there is more now."""

    items: list[Custody]
    next: int
    more: bool


class Change(Schema):
    """One entry of the ledger."""

    entry_id: int
    policy_number: str | None
    relation: str
    kind: str
    from_custodian: str | None
    to_custodian: str | None
    effective_date: date
    recorded_at: datetime
    batch_id: int | None
    batch_key: str | None
    rule: str
    reason_code: str


class ChangePage(Schema):
    """As CustodyPage."""

    items: list[Change]
    next: int
    more: bool


class History(Schema):
    """Every entry about one policy, newest first."""

    policy_number: str
    items: list[Change]


class Customer(Schema):
    """masked: the digits and letters between are *; a key reads in clear only when a second person has approved it."""

    customer_number: str
    name: str | None
    phone: str | None
    id_number: str | None
    address: str | None
    masked: bool


class HoldingCount(Schema):
    """How many subjects somebody holds in one relation."""

    relation: str
    kind: str
    held: int


class Holdings(Schema):
    """What one person holds now."""

    staff_number: str
    items: list[HoldingCount]


class Release(Schema):
    """One instalment of an approved plan. state: scheduled | posted | cancelled | undone."""

    id: int
    plan_id: int
    strategy: str
    instalment: int
    attempt: int
    due_date: date
    state: str
    pieces: int
    batch_id: int | None


class ReleasePage(Schema):
    """As CustodyPage."""

    items: list[Release]
    next: int
    more: bool


class Notice(Schema):
    """One contract whose holder has to be told that a person has left."""

    id: int
    code: str
    policy_number: str
    holder_number: str
    leaver: str | None
    left_date: date
    state: str
    due_date: date
    red: bool


class NoticePage(Schema):
    """next: a mark to ask after; null = that is the end."""

    items: list[Notice]
    next: str | None


class ProblemError(Schema):
    """Where (a JSON pointer or the name of a parameter) and what (an English code)."""

    pointer: str
    code: str


class Problem(Schema):
    """Problem details (RFC 9457); `code` is for programs, `title` and `detail` are Chinese."""

    type: str
    title: str
    status: int
    code: str
    detail: str = ""
    errors: list[ProblemError] = []
