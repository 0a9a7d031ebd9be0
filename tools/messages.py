"""The English catalogue: collects every interface text and keeps `django.po` and `django.mo` in step with it.

In: templates, Python sources and the words that rooms give to their codes. Out: `web/locale/en/LC_MESSAGES/django.po`,
sorted by message, and its compiled twin. Never: a date, a host, a line number (they would change without a change of
words), an English text of our own making: a new message stands there empty until somebody writes it.

`make messages` updates both; `python -m tools.messages --missing` lists what has no English yet.
"""

from __future__ import annotations

import io
import os
import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from babel.messages.catalog import Catalog
from babel.messages.extract import extract
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

if TYPE_CHECKING:
    from tuogu.core.sheets import Sheet
    from tuogu.core.strategies import Strategy

ROOT = Path(__file__).parent.parent
SOURCE = ROOT / "src/tuogu"
PO = SOURCE / "web/locale/en/LC_MESSAGES/django.po"
MO = PO.with_suffix(".mo")
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "DrawError": None, "PageCodeError": None, "AllowanceError": None, "TooLittle": None,  # core refuses in words with parts
    "ngettext": (1, 2), "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
}  # fmt: skip
HAN = re.compile(r"[\u3400-\u9fff]")
RULEBOOK_WORDS = ("obligation.", "visit_tools.", "papers.")  # whose texts pages show, through gettext
CITED = re.compile(r"S\d-\d+ ")  # a row and the line of a source document: no sentence of ours
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")

Key = tuple[str | None, str | tuple[str, ...]]  # context, message or (message, plural)


class _Stable(Catalog):
    """A catalogue whose header says only what a program needs."""

    @property
    def mime_headers(self) -> list[tuple[str, str]]:
        return [
            ("Language", "en"),
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Transfer-Encoding", "8bit"),
            ("Plural-Forms", "nplurals=2; plural=(n != 1);"),
        ]


def collected() -> set[Key]:
    """Every message that pages may show."""
    return {*_of_templates(), *_of_python(), *((None, word) for word in words_of_codes())}


def written() -> dict[Key, str | tuple[str, ...]]:
    """Messages of the .po file with their English text."""
    if not PO.exists():
        return {}
    with PO.open("rb") as file:
        catalog = read_po(file, locale="en")
    return {(m.context, _frozen(m.id)): _frozen(m.string) for m in catalog if m.id}


def missing() -> list[str]:
    """Messages without an English text, sorted."""
    known = written()
    return sorted(str(key[1]) for key in collected() if not _has_text(known.get(key, "")))


def as_files(messages: dict[Key, str | tuple[str, ...]]) -> tuple[bytes, bytes]:
    """The .po and the .mo of these messages, the same bytes for the same messages."""
    catalog = _Stable(
        locale="en", header_comment="# Interface texts: Chinese is the key, English the text.", fuzzy=False
    )
    for (context, message), text in sorted(
        messages.items(), key=lambda item: (item[0][0] or "", str(item[0][1]))
    ):
        catalog.add(message, text, context=context)
    po, mo = io.BytesIO(), io.BytesIO()
    write_po(po, catalog, width=0, no_location=True)
    write_mo(mo, catalog)
    return po.getvalue(), mo.getvalue()


def update() -> None:
    """Bring both files in step with the sources: new messages empty, texts kept, obsolete ones dropped."""
    known = written()
    po, mo = as_files(
        {key: known.get(key, ("", "") if isinstance(key[1], tuple) else "") for key in collected()}
    )
    PO.parent.mkdir(parents=True, exist_ok=True)
    PO.write_bytes(po)
    MO.write_bytes(mo)


def placeholders(text: str | tuple[str, ...]) -> set[str]:
    """Names that a text is filled with."""
    return {
        name for part in ([text] if isinstance(text, str) else text) for name in PLACEHOLDER.findall(part)
    }


def words_of(strategy: Strategy) -> set[str]:
    """What pages say of one way to allocate: its name and purpose, its options, its tables with their columns."""
    options, sheets = strategy.options, strategy.sheets
    told = {strategy.label, strategy.purpose}
    told |= {word for option in options for word in (option.label, option.note)}
    told |= {word for option in options for _value, word in option.choices}
    return (told | words_of_sheets(sheets)) - {""}


def words_of_sheets(sheets: Iterable[Sheet]) -> set[str]:
    """Titles, notes and headings of tables, and the words for codes in their cells."""
    told = set[str]()
    for sheet in sheets:
        told |= {sheet.title, sheet.note}
        for column in sheet.columns:
            told |= {column.heading, *column.words.values()}
    return told - {""}


def words_of_codes() -> set[str]:
    """The labels of codes that pages show through gettext: core.labels, the choices of the rooms, every strategy."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tuogu.settings")
    django.setup()
    from django.db.models import TextChoices

    from tuogu.audit.sources import SOURCES
    from tuogu.books.reverting import LATER_IMPORT
    from tuogu.core import labels, principles
    from tuogu.core.apportion.rounding import ROUNDING
    from tuogu.core.arrivals.keywords import KINDS as KEYWORD_KINDS
    from tuogu.core.ascription import ASCRIPTIONS, CAUSES
    from tuogu.core.campaign.evaluation import VERDICTS
    from tuogu.core.chance.tables import TARGETS
    from tuogu.core.facts import FACT_KEYS
    from tuogu.core.fairness import ACCOUNT, EVENNESS
    from tuogu.core.intake_titles import TITLES
    from tuogu.core.map.lines import KINDS as MAP_KINDS
    from tuogu.core.match.outcome import TIER_NAMES
    from tuogu.core.reject_advice import ADVICE
    from tuogu.core.standardise_words import SERIES
    from tuogu.core.strategies import STRATEGIES
    from tuogu.files.certificate_words import FIGURES
    from tuogu.plans.comparing import PROOF

    tables = [
        SERIES,
        FIGURES,
        PROOF,
        *(
            ASCRIPTIONS,
            KEYWORD_KINDS,
            MAP_KINDS,
            TIER_NAMES,
            VERDICTS,
        ),  # words in cells of strategies' tables
        *(value for name, value in vars(labels).items() if name.isupper()),
        *TITLES.values(),
    ]
    choices = [kind for kind in TextChoices.__subclasses__() if kind.__module__.startswith("tuogu.")]
    advice = {text for texts in ADVICE.values() for text in texts}
    return (
        {word for table in tables for told in table.values() for word in _chinese(told)}
        | advice
        | {LATER_IMPORT}
        | {source.heading for source in SOURCES}
        | {str(w) for kind in choices for w in kind.labels}
        | {fact.label for fact in FACT_KEYS.values()}
        | {
            word
            for one in TARGETS.values()
            for word in (one.title, one.happens, *(f.title for f in one.features))
        }
        | {word for strategy in STRATEGIES.values() for word in words_of(strategy)}
        | words_of_sheets((ACCOUNT, EVENNESS, ROUNDING))
        | {word for _number, word in CAUSES.values()}
        | {word for words in principles.NAMES.values() for word in words}
        | _words_of_care()
        | _words_of_renewals()
        | _words_of_reports()
    )


def _words_of_renewals() -> set[str]:
    """Stages, channels, and the rules that a case names beside its steps."""
    from tuogu.core.motor.words import CHANNELS
    from tuogu.core.rulebook import parse_rulebook
    from tuogu.data.rulebooks import read_shipped
    from tuogu.renewals.queries import STAGES
    from tuogu.web.renewals.case import RULES

    book = parse_rulebook(read_shipped()).parameters
    return {*STAGES.values(), *CHANNELS, *(book[f"renewal.{key}"].title for key in RULES.values())}


def _words_of_reports() -> set[str]:
    """What reports say without a number in it: every Chinese constant of the bulletins but citations, the figures that the
    shipped rulebook defines, what workbook and paper say of themselves. Filled sentences: `reports.bulletins.phrases`."""
    import ast
    from dataclasses import astuple

    from tuogu.core.measures.allowances import KINDS
    from tuogu.core.measures.definitions import DIMENSIONS, definitions
    from tuogu.core.motor.words import BANDS, OUTCOMES, STEPS
    from tuogu.core.rulebook import parse_rulebook
    from tuogu.data.rulebooks import read_shipped
    from tuogu.files.bulletin import Table
    from tuogu.files.bulletin_words import CHINESE
    from tuogu.renewals.queries import STAGES
    from tuogu.reports.telling import filled

    told = {*astuple(CHINESE), *DIMENSIONS.values(), Table.empty, *(kind.title for kind in KINDS)}
    told |= {word for table in (BANDS, OUTCOMES, STEPS, STAGES) for word in table.values()}
    for one in definitions(parse_rulebook(read_shipped())).values():
        told |= {one.title, one.numerator, one.denominator, one.note, one.ends_in}
    for file in sorted((SOURCE / "reports/bulletins").glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        prose = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
        told |= {
            node.value
            for node in ast.walk(tree)
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in prose
        }
    return {word for word in told if HAN.search(word) and not CITED.match(word) and not filled(word)}


def _words_of_care() -> set[str]:
    """States and steps of cases, tables of words of the rules of care, and the words that the shipped rulebook shows."""
    from tuogu.core import attempts, calling, estates, household, paper_lists, pressure, steps, visit_reasons
    from tuogu.core.inspection import tables
    from tuogu.core.machines import MACHINES
    from tuogu.core.rulebook import parse_rulebook
    from tuogu.core.rulebook_forms import read_form
    from tuogu.data.rulebooks import read_shipped

    modules = (attempts, calling, estates, household, paper_lists, pressure, steps, visit_reasons, tables)
    told: list[object] = [
        part
        for module in modules
        for name, table in vars(module).items()
        if name.isupper() and isinstance(table, dict)
        for value in table.values()
        for part in (value if isinstance(value, tuple) else (value,))
    ]
    nested = [word for part in told if isinstance(part, dict) for word in part.values()]
    machines = [
        word
        for machine in MACHINES.values()
        for word in (
            machine.title,
            *machine.states.values(),
            *machine.needs.values(),
            *(step.label for step in machine.steps),
        )
    ]
    shown = [
        word
        for key, parameter in parse_rulebook(read_shipped()).parameters.items()
        if key.startswith(RULEBOOK_WORDS) and isinstance(parameter.value, str | list)
        for word in ([parameter.value] if isinstance(parameter.value, str) else parameter.value)
    ]
    listed = [
        word
        for key, parameter in parse_rulebook(read_shipped()).parameters.items()
        if key.startswith(RULEBOOK_WORDS)
        for cell in (read_form(parameter.form).cells if parameter.form else ())
        for word in (cell.words or {}).values()
    ]
    return {
        word
        for word in (*told, *nested, *machines, *shown, *listed)
        if isinstance(word, str) and HAN.search(word)
    }


def _chinese(told: object) -> Iterator[str]:
    """The words among what a table says of a code: a word, or a tuple with one. A clause or a number is none."""
    for part in told if isinstance(told, tuple) else (told,):
        if isinstance(part, str) and HAN.search(part):
            yield part


def _of_python() -> Iterator[Key]:
    for file in sorted(SOURCE.rglob("*.py")):
        if "migrations" not in file.parts:
            yield from _messages(file.read_text(encoding="utf-8"))


def _of_templates() -> Iterator[Key]:
    from django.utils.translation.template import templatize

    for file in sorted((SOURCE / "web/templates").rglob("*.*")):
        lines = templatize(file.read_text(encoding="utf-8"), origin=str(file)).splitlines()
        yield from _messages("\n".join(line.strip() for line in lines))  # an indented line is no Python


def _messages(python: str) -> Iterator[Key]:
    for _, message, _, context in extract("python", io.BytesIO(python.encode()), keywords=KEYWORDS):
        if message:
            yield context, _frozen(message)


def _frozen(text: str | Iterable[str] | None) -> str | tuple[str, ...]:
    return text if isinstance(text, str) else tuple(text or ())


def _has_text(text: str | tuple[str, ...]) -> bool:
    return bool(text) and all([text] if isinstance(text, str) else text)


if __name__ == "__main__":
    if "--missing" in sys.argv:
        print("\n".join(missing()))
    else:
        update()
        print(f"{PO.relative_to(ROOT)}: {len(written())} messages, {len(missing())} without English")
