"""The one choke point of personal data on pages: masked unless a reason was given, and every clear look is counted.

In: the viewer, numbers, and for a clear look the reason. Out: what may be shown. Never: a name, phone, ID or address on a
page, in a file or on a phone that did not come through here; a clear look without its row in the access log.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime

from tuogu.accesslog import actions as accesslog
from tuogu.accesslog import queries as seen
from tuogu.books import queries as books
from tuogu.books.people import ShownCustomer
from tuogu.cases import queries as cases
from tuogu.core.masking import mask_rule, mask_text
from tuogu.core.rulebook import Rulebook
from tuogu.corrections import queries as corrections
from tuogu.kit import queries as kit
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.web import sightings, unclaimed
from tuogu.web.viewer import Viewer
from tuogu.work import queries as work

QUOTA = "masking.reveals_per_day"
DESKS = "pools.desks_reveal"
VISIT_QUOTA = "corrections.reveals_per_day"


def masked(numbers: Iterable[str]) -> dict[str, ShownCustomer]:
    """Customers by number, masked. One query and one pass of decryption, however many; the page view is logged with their
    count (see `sightings`)."""
    found = books.shown_customers(numbers)
    sightings.shown(len(found))
    return unclaimed.covered(found)


def opened(viewer: Viewer, *, subject_kind: str, subject: str) -> None:
    """One record is shown, masked: the look is in the log under the record, not as a list."""
    view = sightings.noted()
    mark = sightings.mark_of(viewer.now) if view else ""
    accesslog.record_open(
        by=viewer.person, subject_kind=subject_kind, subject=subject, mark=mark, at=viewer.now
    )


def revealed(viewer: Viewer, number: str, *, policy: str, fields: str, reason: str) -> ShownCustomer:
    """One customer in clear, seen from policy `policy`. Raises `accesslog.failures.RevealRefused` beyond the day's
    quota, without a reason, or before somebody has claimed the customer from a pool (P-10); the caller has made sure that
    the policy is within scope."""
    unclaimed.require_claimed(number)
    _count(viewer, subject_kind="policy", subject=policy, fields=fields, reason=reason)
    return unclaimed.switchboard_only(books.shown_customers([number], clear=True)[number])


def revealed_customer(viewer: Viewer, number: str, *, fields: str, reason: str) -> ShownCustomer:
    """One customer in clear, seen from the own page; as `revealed`. The caller has made sure of the scope."""
    unclaimed.require_claimed(number)
    _count(viewer, subject_kind="customer", subject=number, fields=fields, reason=reason)
    return unclaimed.switchboard_only(books.shown_customers([number], clear=True)[number])


def revealed_address(viewer: Viewer, number: str, *, reason: str) -> str:
    """The address of a customer in clear, for the desk that codes it; as `revealed`. The caller has made sure that the
    customer is within scope."""
    unclaimed.require_desk(number, allowed=viewer.rulebook[DESKS])
    _count(viewer, subject_kind="customer", subject=number, fields="address", reason=reason)
    return books.shown_customers([number], clear=True)[number].address or ""


def masked_contact(viewer: Viewer, person: int) -> org.StaffContact:
    """Phone and home of a colleague, masked."""
    return org.staff_contact(person, mask_rule(viewer.rulebook))


def revealed_contact(viewer: Viewer, person: int, *, staff_number: str, reason: str) -> org.StaffContact:
    """Phone and home of a colleague in clear; as `revealed`. The caller has made sure that the person is within scope."""
    _count(viewer, subject_kind="person", subject=staff_number, fields="phone,home", reason=reason)
    return org.staff_contact(person, mask_rule(viewer.rulebook), clear=True)


def shown_to_machine(
    number: str, *, person: int, key: int, clear: bool, at: datetime
) -> ShownCustomer | None:
    """One customer in an answer of the API, masked unless `clear`; None where nothing is stored. In the log under the owner
    of the key: a masked look as opened, a clear one as what left the house. The caller has made sure that the customer is
    within the key's scope, and has counted a clear look against the key's day."""
    found = unclaimed.covered(books.shown_customers([number], clear=clear)).get(number)
    if found is not None:
        accesslog.record(
            by=person, kind="export" if clear else "open", subject_kind="customer", subject=number,
            fields="name,phone,id,address" if clear else "", reason=f"api key {key}", at=at,
        )  # fmt: skip
    return found


def reveals_left(viewer: Viewer) -> int:
    """How many clear looks the viewer has left today."""
    return seen.reveals_left(viewer.person, viewer.today, viewer.rulebook[QUOTA])


def masked_changes(viewer: Viewer, amendments: Iterable[int]) -> dict[int, corrections.ShownChange]:
    """Old and new values of amendments by id, masked; what was noted as evidence is left out."""
    found = corrections.shown_changes(amendments, viewer.rulebook)
    sightings.shown(len(found))
    return _covered_changes(found)


def _covered_changes(found: dict[int, corrections.ShownChange]) -> dict[int, corrections.ShownChange]:
    """Old and new values are contacts too: those of unclaimed customers are not shown (P-10)."""
    spoken = corrections.customers_of(found)
    unseen, word = unclaimed.hidden(set(spoken.values())), unclaimed.word()
    return {
        one: corrections.ShownChange(word, word, None) if spoken.get(one) in unseen else change
        for one, change in found.items()
    }


def revealed_change(
    viewer: Viewer, amendment: int, *, customer: str, field: str, reason: str
) -> corrections.ShownChange:
    """One amendment in clear, with its evidence; as `revealed`. The caller has made sure that it is within scope."""
    unclaimed.require_claimed(customer)
    _count(viewer, subject_kind="customer", subject=customer, fields=field, reason=reason)
    return corrections.shown_changes([amendment], viewer.rulebook, clear=True)[amendment]


def revealed_on_visit(
    viewer: Viewer, number: str, *, fields: str, reason: str
) -> tuple[ShownCustomer, list[corrections.Told]]:
    """A customer in clear for a return visit, with what was told on earlier ones: counted like any look, against the
    larger quota of callers (rulebook corrections.reveals_per_day). The caller has made sure that the customer is within
    scope and on the list."""
    unclaimed.require_desk(number, allowed=viewer.rulebook[DESKS])
    sightings.noted()
    accesslog.reveal(
        by=viewer.person, subject_kind="customer", subject=number, fields=fields, reason=reason,
        per_day=viewer.rulebook[VISIT_QUOTA], at=viewer.now,
    )  # fmt: skip
    return books.shown_customers([number], clear=True)[number], corrections.told_before(number)


def visit_reveals_left(viewer: Viewer) -> int:
    """How many clear looks a caller has left today."""
    return seen.reveals_left(viewer.person, viewer.today, viewer.rulebook[VISIT_QUOTA])


def register_lines(register: int, rulebook: Rulebook, *, clear: bool = False) -> dict[int, list[kit.Line]]:
    """The lines of a printed register by page, masked; in clear only for a file that the room of exports has granted. The
    caller has made sure that the register is within scope."""
    found = kit.lines(register, rulebook, clear=clear)
    people = {number for part in found.values() for line in part for number in line.customers}
    sightings.shown(len(people))
    unseen, word = unclaimed.hidden(people), unclaimed.word()
    return {
        place: [
            replace(line, phone=word, address=word) if line.holder_number in unseen else line for line in part
        ]
        for place, part in found.items()
    }


def family(
    scope: Scope, number: str, day: date, rulebook: Rulebook, *, clear: bool = False
) -> kit.Family | None:
    """The coverage of a customer's family, names masked; in clear as for `register_lines`. None out of scope."""
    found = kit.family(scope, number, day, rulebook, clear=clear)
    sightings.shown(0 if found is None else found.table["member"].n_unique())
    return found


def answer_states(visit: int) -> dict[str, str]:
    """What was answered on a visit, field by field, without any value."""
    return {name: state for name, (state, _value) in corrections.visit_answers(visit)[0].items()}


def _count(viewer: Viewer, *, subject_kind: str, subject: str, fields: str, reason: str) -> None:
    sightings.noted()
    accesslog.reveal(
        by=viewer.person, subject_kind=subject_kind, subject=subject, fields=fields, reason=reason,
        per_day=viewer.rulebook[QUOTA], at=viewer.now,
    )  # fmt: skip


def case_words(viewer: Viewer, case_id: int) -> dict[int, dict[str, str]]:
    """What was given in words with the steps of a case, by line; the look is in the log under the case. The caller has
    made sure that the case is within scope."""
    opened(viewer, subject_kind="case", subject=str(case_id))
    return cases.texts_of(case_id)


def card_entries(viewer: Viewer, number: str) -> list[tuple[work.RecordRow, Mapping[str, str]]]:
    """The entries of a service card with their three items; the look is in the log under the customer. The caller has made
    sure that the customer is within scope."""
    opened(viewer, subject_kind="customer", subject=number)
    return work.card_entries(number)


def members_told(viewer: Viewer, number: str) -> list[work.Member]:
    """The members of a customer's family as told, names masked. The caller has made sure of the customer."""
    rule, found = mask_rule(viewer.rulebook), work.members(number)
    sightings.shown(len(found))
    return [replace(one, name=mask_text("name", one.name, rule) if one.name else "") for one in found]


def people_named(viewer: Viewer, number: str) -> list[tuple[work.Named, str, str]]:
    """Whom a customer named, with name and phone masked. The caller has made sure of the customer."""
    rule, found = mask_rule(viewer.rulebook), work.named_people(number)
    sightings.shown(len(found))
    return [
        (one, name and mask_text("name", name, rule), phone and mask_text("phone", phone, rule))
        for one, name, phone in found
    ]


def own_words(viewer: Viewer, row: work.RecordRow) -> work.Detail:
    """What the viewer wrote into an own record, to be corrected; the look is in the log under the customer."""
    if row.by != viewer.person:
        raise LookupError(row.id)
    opened(viewer, subject_kind="customer", subject=row.customer_number)
    return work.record_detail(row.id)
