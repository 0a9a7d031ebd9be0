"""Where the header is and what each column means.

In: the first rows of a sheet and its name. Out: kind of sheet, header row, headers as written, mapping.
Never: a guess between two kinds that fit alike; a column dropped because it is unknown.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.files.headers import REASON_HEADER, REQUIRED, SHEET_NAMES, SYNONYMS
from tuogu.files.mapping import IGNORED, HeaderMapping
from tuogu.files.plain_header import plain_header
from tuogu.files.refusal import FileRefused

WINDOW_ROWS = 40  # a header is looked for among so many rows
MAYBE_MISSING = "maybe_missing_columns"
# Columns that must be recognised: when the sheet's name tells the kind, when it does not, and to be sure.
_NAMED_MIN, _UNNAMED_MIN, _LIKELY_MIN = 2, 3, 5
_SAID = -1  # rank of a header that the clerk named: before every synonym
Cells = Sequence[str | None]
Lookup = Mapping[str, tuple[str, int]]  # plain header → canonical column, rank of the synonym


@dataclass(frozen=True)
class Header:
    """A found header. `headers` and `canonical` are by column position; None = blank, or not ours."""

    kind: str
    at: int  # index in the rows given
    headers: tuple[str | None, ...]
    canonical: tuple[str | None, ...]


def _lookup(kind: str) -> dict[str, tuple[str, int]]:
    """Plain header → canonical column and rank of the synonym (the first is preferred)."""
    table: dict[str, tuple[str, int]] = {}
    for column, words in SYNONYMS[kind].items():
        for rank, word in enumerate(words):
            table.setdefault(plain_header(word), (column, rank))
    return table


_LOOKUP = {kind: _lookup(kind) for kind in SYNONYMS}
_KIND_OF_NAME = {plain_header(name): kind for kind, names in SHEET_NAMES.items() for name in names}


def kind_of_name(name: str) -> str | None:
    """The kind that a sheet's or file's name tells, also as 2026年保单信息; None when it does not."""
    plain = plain_header(name)
    if plain in _KIND_OF_NAME:
        return _KIND_OF_NAME[plain]
    inside = {kind for word, kind in _KIND_OF_NAME.items() if len(word) >= 2 and word in plain}
    return inside.pop() if len(inside) == 1 else None


def find_header(
    rows: Sequence[Cells],
    name: str,
    groups: Sequence[Cells] | None = None,
    mapping: HeaderMapping | None = None,
) -> Header | None:
    """The best header among `rows`; None when the sheet is none of ours.

    `groups`: for each row, what heads each column in it where cells are merged sideways (default: blank cells
    belong to the cell before them). `mapping`: what the clerk said about sheets and headers.
    Raises FileRefused when the sheet's name says that it is ours but header or required columns are missing;
    with MAYBE_MISSING when only its columns say so, which may also be somebody's working sheet.
    """
    mapping = mapping or HeaderMapping()
    if mapping.kinds.get(name) == IGNORED:
        return None
    named = mapping.kinds.get(name) or kind_of_name(name)
    best = likeliest_header(rows, name, groups, mapping)
    if best is None or _score(best) < (_NAMED_MIN if named else _UNNAMED_MIN):
        if named and any(cell for row in rows for cell in row):
            raise FileRefused(
                f"工作表“{name}”里找不到表头（前 {WINDOW_ROWS} 行内），请对照模板填写表头", "no_header"
            )
        return None
    missing = missing_columns(best)
    if not missing:
        return best
    if named is None and _score(best) < _LIKELY_MIN:
        return None
    code = "missing_columns" if named else MAYBE_MISSING
    raise FileRefused(_missing_message(name, best.kind, missing), code)


def likeliest_header(
    rows: Sequence[Cells], name: str, groups: Sequence[Cells] | None, mapping: HeaderMapping
) -> Header | None:
    """The row that most looks like a header, however little; None where no row has a known column."""
    named = mapping.kinds.get(name) or kind_of_name(name)
    groups = groups or [_carried(row) for row in rows]
    found = [
        header
        for kind in ([named] if named else list(SYNONYMS))
        for header in _candidates(rows, kind, groups, _with_said(kind, mapping))
    ]
    best = max(found, key=lambda h: (_score(h), -h.at), default=None)
    return best if best is not None and _score(best) else None


def missing_columns(header: Header) -> list[str]:
    """Required columns of the kind that no header means."""
    return [c for c in REQUIRED[header.kind] if c not in header.canonical]


def _with_said(kind: str, mapping: HeaderMapping) -> Lookup:
    """The synonyms of a kind with what the clerk said; a header named for a column is its only one."""
    said = mapping.columns.get(kind, {})
    kept = {plain: hit for plain, hit in _LOOKUP[kind].items() if plain not in said}
    return kept | {plain: (column, _SAID) for plain, column in said.items() if column != IGNORED}


def _score(header: Header) -> int:
    return sum(c is not None for c in header.canonical)


def _carried(row: Cells) -> list[str | None]:
    """Each blank cell takes the text before it: all that is left of a merged cell in a csv file."""
    texts: list[str | None] = []
    for cell in row:
        texts.append(cell if cell and cell.strip() else (texts[-1] if texts else None))
    return texts


def _candidates(rows: Sequence[Cells], kind: str, groups: Sequence[Cells], lookup: Lookup) -> list[Header]:
    """Each row read as a header, and each row together with a header row above it."""
    found = []
    for at, row in enumerate(rows):
        found.append(_read(kind, at, [c.strip() if c else None for c in row], lookup))
        if at > 0:
            found.append(_read(kind, at, _two_rows(lookup, rows[at - 1], groups[at - 1], row), lookup))
    return found


def _two_rows(lookup: Lookup, above: Cells, group: Cells, below: Cells) -> list[str | None]:
    """Two header rows: a cell merged downwards stands above; one merged sideways heads several columns."""
    texts: list[str | None] = []
    for upper, head, lower in zip(above, group, below, strict=True):
        if not lower or not lower.strip():
            texts.append(upper.strip() if upper and upper.strip() else None)
        elif head and plain_header(head + lower) in lookup:
            texts.append(head.strip() + lower.strip())
        else:
            texts.append(lower.strip())
    return texts


def _read(kind: str, at: int, texts: Sequence[str | None], lookup: Lookup) -> Header:
    """Map each text; of two that mean one column, the better synonym, then the first, wins."""
    best: dict[str, tuple[int, int]] = {}
    for position, text in enumerate(texts):
        if text and text != REASON_HEADER and (hit := lookup.get(plain_header(text))):
            column, rank = hit
            best[column] = min(best.get(column, (rank, position)), (rank, position))
    place = {position: column for column, (_, position) in best.items()}
    return Header(kind, at, tuple(texts), tuple(place.get(i) for i in range(len(texts))))


def _missing_message(name: str, kind: str, missing: Sequence[str]) -> str:
    """Names each missing column and what it may be called."""
    parts = []
    for column in missing:
        words = SYNONYMS[kind][column][2:6]
        parts.append(f"“{TITLES[kind][column]}”（也可写作：{'、'.join(words)}）")
    return f"工作表“{name}”（按{SHEET_TITLES[kind]}表读取）缺少必填的列：{'；'.join(parts)}"
