"""What every keyset list reads from its address, and the links that lead from it: pages around, filters taken off.

In: the query string. Out: numbers within limits, a Pager, Chips. Never: an error for an address that somebody typed by hand.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from urllib.parse import urlencode

from tuogu.web.parts import Chip, Pager

ADDRESS_MAX = 2_000  # characters of an address
ID_DIGITS = 12  # more than any table holds, less than a database refuses
FIRST_DAY, LAST_DAY = date(1900, 1, 1), date(2199, 12, 31)  # beyond, a zone or a day more leaves the calendar


def size_of(query: Mapping[str, str]) -> int:
    """Rows a page: one of the sizes that the pager offers."""
    sizes = Pager.sizes
    asked = query.get("size", "")
    return next((size for size in sizes if asked == str(size)), sizes[0])


def first_of(query: Mapping[str, str]) -> int:
    """The number of the page's first row, as the pager counts on."""
    asked = query.get("first", "")
    return int(asked) if asked.isdecimal() and len(asked) < 10 else 1


def pager_of(query: Mapping[str, str], *, shown: int, before: str | None, after: str | None) -> Pager:
    """A Pager whose links keep the filters. `before` / `after`: the marks of the keyset, None where there is no more."""
    first, size = first_of(query), size_of(query)
    kept = {name: value for name, value in query.items() if name not in {"before", "after", "first"}}

    def url(mark: str, value: str | None, number: int) -> str:
        return "" if value is None else "?" + urlencode({**kept, mark: value, "first": number})

    return Pager(
        first, shown, size, url("before", before, max(1, first - size)), url("after", after, first + shown)
    )


def numbered(url: str, query: Mapping[str, str], first: int, size: int, total: int) -> Pager:
    """A pager by row number, for rows that never change and so keep their places."""
    kept = {name: value for name, value in query.items() if name != "first"}

    def at(number: int) -> str:
        return f"{url}?{urlencode({**kept, 'first': number})}"

    before = at(max(1, first - size)) if first > 1 else ""
    after = at(first + size) if first - 1 + size < total else ""
    return Pager(first, max(0, min(size, total - first + 1)), size, before, after, ())


def filter_chips(
    query: Mapping[str, str],
    names: Mapping[str, str],
    words: Mapping[str, Mapping[str, str]],
    kept: Sequence[str] = (),
) -> list[Chip]:
    """The filters in force, by `names` (field → what it is called), each with the address without it. `words`: labels of
    coded values, by field; `kept`: fields that are no filters but stay in the address."""
    given = {name: query[name] for name in names if query.get(name)}
    others = {name: query[name] for name in kept if query.get(name)}
    return [
        Chip(
            names[name],
            words.get(name, {}).get(value, value),
            "?" + urlencode({**others, **{k: v for k, v in given.items() if k != name}}),
        )
        for name, value in given.items()
    ]


def day_of(text: str) -> date | None:
    """A day typed or picked as 2026-11-22; None for anything else, also for a day that nobody can mean."""
    try:
        day = date.fromisoformat(text.strip())
    except ValueError:
        return None
    return day if FIRST_DAY <= day <= LAST_DAY else None


def fitting(url: str) -> str:
    """An address to send somebody back to: without its filters where they are longer than browsers and proxies take."""
    return url if len(url) <= ADDRESS_MAX else url.partition("?")[0]


def id_of(text: str) -> int | None:
    """The id that an address names; None for anything that can be none."""
    return int(text) if text.isdecimal() and len(text) <= ID_DIGITS else None
