"""Printed registers as plain values: lists, one with its pages, lines masked or in clear, a scan.

In: ids, a scope. Out: dataclasses. Never: a register out of scope, a line in clear that was not asked for as such (who asks
counts the look first).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime

import polars as pl
from django.db.models import Count, F, Q, QuerySet

from tuogu.core.masking import mask_rule, masked_address, masked_name, masked_phone
from tuogu.core.page_code import PageCode, seal_of
from tuogu.core.rulebook import Rulebook
from tuogu.kit.content import Line, opened
from tuogu.kit.kinds import PrintState, RegisterKind
from tuogu.kit.models import Page, Print, Scan
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.vault.blobs import open_bytes

_MISSING = "missing"  # in _in_state: some pages are still out


@dataclass(frozen=True)
class PrintRow:
    """A printed register."""

    id: int
    kind: str
    person: int
    first_date: date
    rows: int
    pages: int
    signed: int
    state: str
    digest: str
    replaces: int | None
    made_by: int
    made_at: datetime

    @property
    def kind_label(self) -> str:
        return str(RegisterKind(self.kind).label)

    @property
    def state_label(self) -> str:
        return str(PrintState(self.state).label)

    @property
    def missing(self) -> int:
        """Pages still out."""
        return self.pages - self.signed


@dataclass(frozen=True)
class PageRow:
    """One page. `scan`: the id of the file with which it came back; `lost`: its content was erased."""

    id: int
    place: int
    code: str
    digest: str
    rows: int
    scan: int | None
    signed_at: datetime | None
    signed_by: int | None
    lost: bool


def registers(
    scope: Scope, *, person: int | None = None, state: str = "", before: int | None = None, size: int
) -> list[PrintRow]:
    """Printed registers of people within scope, newest first; `state`: of PrintState."""
    found = _counted(_within(scope))
    if person is not None:
        found = found.filter(person_id=person)
    if before is not None:
        found = found.filter(pk__lt=before)
    if state:
        found = _in_state(found, state)
    return [_row(one) for one in found.order_by("-pk")[:size]]


def register(scope: Scope, register_id: int) -> PrintRow | None:
    """One register; None where there is none within scope."""
    found = _counted(_within(scope)).filter(pk=register_id).first()
    return None if found is None else _row(found)


def pages_of(register_id: int) -> list[PageRow]:
    """Its pages in order."""
    rows = Page.objects.filter(register=register_id).select_related("signed").order_by("place")
    return [
        PageRow(
            page.pk, page.place, str(PageCode(page.key, seal_of(page.digest))), page.digest, page.rows,
            page.signed.scan_id if hasattr(page, "signed") else None,
            page.signed.at if hasattr(page, "signed") else None,
            page.signed.by_id if hasattr(page, "signed") else None,
            page.content_sealed is None,
        )
        for page in rows
    ]  # fmt: skip


def lines(register_id: int, rulebook: Rulebook, *, clear: bool) -> dict[int, list[Line]]:
    """The lines of each page by its place, masked unless `clear`; an erased page has none."""
    rows = Page.objects.filter(register=register_id).order_by("place")
    found = {page.place: opened(page) or [] for page in rows}
    return found if clear else {place: _masked(part, rulebook) for place, part in found.items()}


def scan(scope: Scope, scan_id: int) -> tuple[int, str, bytes] | None:
    """Register, media type and bytes of a scan; None where there is none within scope, or it was erased."""
    row = Scan.objects.filter(pk=scan_id, register__in=_within(scope).values("pk")).first()
    if row is None or row.content_sealed is None:
        return None
    return row.register_id, row.media_type, open_bytes(bytes(row.content_sealed))


def out_count(scope: Scope, *, person: int | None = None) -> int:
    """Registers of which pages are still out."""
    found = _counted(_within(scope))
    found = found if person is None else found.filter(person_id=person)
    return _in_state(found, _MISSING).count()


def _within(scope: Scope) -> QuerySet[Print]:
    visible = org.custodians_within(scope)
    return Print.objects.all() if visible is None else Print.objects.filter(person_id__in=visible)


def _counted(found: QuerySet[Print]) -> QuerySet[Print]:
    return found.annotate(signed_pages=Count("printed__signed"), later=F("replaced_by__pk"))


def _in_state(found: QuerySet[Print], state: str) -> QuerySet[Print]:
    if state == PrintState.REPLACED:
        return found.filter(replaced_by__isnull=False)
    narrowed = {
        str(PrintState.OUT): Q(signed_pages=0),
        str(PrintState.SIGNED): Q(signed_pages=F("pages")),
        str(PrintState.PARTLY): Q(signed_pages__gt=0, signed_pages__lt=F("pages")),
        _MISSING: Q(signed_pages__lt=F("pages")),
    }
    return found.filter(narrowed.get(state, Q(pk=0)), replaced_by__isnull=True)


def _row(one: Print) -> PrintRow:
    signed, replaced = one.signed_pages, one.later is not None  # type: ignore[attr-defined]  # annotated above
    state = (
        PrintState.REPLACED if replaced
        else PrintState.SIGNED if signed == one.pages
        else PrintState.PARTLY if signed
        else PrintState.OUT
    )  # fmt: skip
    return PrintRow(
        one.pk, one.kind, one.person_id, one.first_date, one.rows, one.pages, signed, str(state), one.digest,
        one.replaces_id, one.made_by_id, one.made_at,
    )  # fmt: skip


def _masked(part: list[Line], rulebook: Rulebook) -> list[Line]:
    rule = mask_rule(rulebook)
    schema = dict.fromkeys(("holder", "insured", "phone", "address"), pl.String)
    frame = pl.DataFrame(
        [[getattr(line, name) for name in schema] for line in part], schema=schema, orient="row"
    )
    hidden = frame.select(
        holder=masked_name(pl.col("holder"), rule),
        insured=masked_name(pl.col("insured"), rule),
        phone=masked_phone(pl.col("phone"), rule),
        address=masked_address(pl.col("address")),
    )
    return [replace(line, **row) for line, row in zip(part, hidden.iter_rows(named=True), strict=True)]
