"""A rule's value as typed: in people's units, exact, and every value of the standard book comes back as it was."""

from __future__ import annotations

import pytest

from territory_books import standard_rules
from tuogu.core.rulebook import Parameter
from tuogu.core.rulebook_entry import EntryError, entry_of, read_entry

BOOK = standard_rules()


def parameter(form: str, value: object) -> Parameter:
    return Parameter("a.b", value, "N-09", "ours: test", form=form)


@pytest.mark.parametrize("key", sorted(BOOK.parameters))
def test_what_is_shown_reads_back_as_the_same_value(key: str):
    known = BOOK.parameters[key]
    assert read_entry(known, entry_of(known).text) == known.value


@pytest.mark.parametrize(
    ("form", "typed", "value"),
    [
        ("bp 0..10000", "33.25", 3325),
        ("bp 0..10000", "33.25%", 3325),
        ("fen 0..100000000", "20,000", 2_000_000),
        ("count 0..10", " 7 ", 7),
        ("switch", "yes", True),
        ("switch", "no", False),
    ],
)
def test_people_type_their_own_units(form: str, typed: str, value: object):
    read = read_entry(parameter(form, 0), typed)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("form", "typed"), [("bp 0..10000", "0.333"), ("count 0..10", "2.5"), ("count 0..10", "")]
)
def test_nothing_is_rounded_to_fit(form: str, typed: str):
    with pytest.raises(EntryError):
        read_entry(parameter(form, 0), typed)
