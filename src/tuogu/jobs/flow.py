"""The main path of a branch's file, step by step: read → standardise → code and classify → plan → check.

In: paths and options. Out: the values of core. Never: a write (that is `storing`), a decision, a word to a terminal:
whoever calls hears of progress through `Steps` and of refusals through `FlowRefused`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import polars as pl

from tuogu import files
from tuogu.core.address import Gazetteer
from tuogu.core.centre.score_card import known_ranks
from tuogu.core.intake import Outside, standardise
from tuogu.core.intake_tables import Intake, RawWorkbook
from tuogu.core.labels import PLAN_STAGES
from tuogu.core.merge import merge
from tuogu.core.plan import checked, propose_plan
from tuogu.core.prepare import prepare
from tuogu.core.rulebook import Rulebook, parse_rulebook
from tuogu.core.strategies import TERRITORY, StrategyError
from tuogu.core.tables import Book, Books, Plan
from tuogu.data.codebook import Codebook, load
from tuogu.data.rulebooks import read_shipped
from tuogu.jobs.progress import Steps

_CITY_DIGITS = 4  # of an official region code


class FlowRefused(ValueError):
    """Nothing was done; the message (Chinese) says why and what to do."""


@dataclass(frozen=True)
class BranchFile:
    """A branch's file, read and standardised."""

    raw: RawWorkbook
    intake: Intake
    books: Books  # what was stored, with this file's rows
    city: str  # four-digit code of the branch's city


def read_file(
    path: Path, progress: Steps, *, name: str = "", mapping: files.HeaderMapping | None = None
) -> RawWorkbook:
    """The cells of a file or folder; refuses one that cannot be read. `name`: what the clerk calls it; `mapping`: what
    headers mean that the synonyms do not know."""
    with progress.step("读取文件"):
        try:
            return files.read_workbook(path, mapping=mapping)
        except files.FileRefused as refusal:
            raise FlowRefused(f"{name or path}：{refusal}") from refusal


def day_described(raw: RawWorkbook, *, given: date | None, default: date, today: date) -> date:
    """The data date of a file: rejected rows that come back carry their own, and nobody may give them another."""
    if raw.data_date is None:
        return given or default
    if given is not None and given != raw.data_date:
        raise FlowRefused(f"这是退回改正的拒收行，数据日期是 {raw.data_date}，不能改成 {given}")
    if raw.data_date > today:
        raise FlowRefused(f"拒收行的数据日期 {raw.data_date} 晚于今天 {today}")
    return raw.data_date


def coverage_of(raw: RawWorkbook, chosen: str) -> str:
    """Rejected rows that come back are never a full file, whatever was chosen."""
    return chosen if raw.data_date is None else "partial"


def standardise_file(
    raw: RawWorkbook,
    data_date: date,
    city: str | None,
    stored: Books,
    rulebook: Rulebook,
    progress: Steps,
    *,
    outside: Outside | None = None,
) -> BranchFile:
    """Accept and reject the rows of a file, seen together with what is `stored` and the ranks of the rulebook; rows
    `outside` the scope of whoever imports are rejected."""
    with progress.step("规范数据"):
        intake = standardise(raw, data_date, stored=stored, ranks=known_ranks(rulebook), outside=outside)
    if intake.refusal:
        raise FlowRefused(intake.refusal)
    books = merge(stored, intake.books)
    return BranchFile(raw, intake, books, city[:4] if city else city_of(books))


def city_of(books: Books) -> str:
    """The city that most institutions name as the region they serve; refuses when none does."""
    codes = books.institutions["region_code"].drop_nulls()
    cities = Counter(code[:4] for code in codes if len(code) >= _CITY_DIGITS)
    if not cities:
        raise FlowRefused("机构表没有服务区划，无法判断所在城市；请给出城市代码（--city，例如 330200）")
    return str(min(cities, key=lambda c: (-cities[c], c)))


def shipped_rulebook() -> Rulebook:
    """The rulebook that comes with the product."""
    return parse_rulebook(read_shipped())


def code_and_classify(
    books: Books,
    city: str,
    as_of: date,
    rulebook: Rulebook,
    display: pl.DataFrame | None,
    progress: Steps,
    *,
    codebook_of: Callable[[Sequence[str]], Codebook] = load,
    decided: Callable[[pl.DataFrame, Codebook], pl.DataFrame] | None = None,
    decided_homes: Callable[[pl.DataFrame, Codebook], pl.DataFrame] | None = None,
) -> tuple[Book, Codebook]:
    """Locate every address, give codes, classify every main policy.

    `codebook_of` gives the code book in force (without a database the shipped one); `decided` the LOCATED rows of those
    customers whose address a person has judged, `decided_homes` those of the staff.
    """
    with progress.step("载入地址编码簿"):
        try:
            codebook = codebook_of([city])
        except ValueError as unknown:
            raise FlowRefused(str(unknown)) from unknown
        gazetteer = Gazetteer.of(codebook)
    with progress.step("编码与分类"):
        book = prepare(
            books, codebook.regions, gazetteer, rulebook, as_of, home_city=city, display=display,
            decided=decided(books.customers, codebook) if decided else None,
            decided_homes=decided_homes(books.people, codebook) if decided_homes else None,
        )  # fmt: skip
    return book, codebook


def plan_and_check(
    book: Book,
    rulebook: Rulebook,
    as_of: date,
    seed: int,
    effort: int,
    earlier: Plan | None,
    progress: Steps,
    *,
    strategy: str = TERRITORY.name,
    options: Mapping[str, str] | None = None,
) -> tuple[Plan, pl.DataFrame]:
    """The plan and its violations; holders and unit codes of `earlier` stay where no limit forces a change."""
    _near_the_data(book.books.data_date, as_of, rulebook)
    with progress.step("生成方案") as inside:
        try:
            proposed = propose_plan(
                book, rulebook, as_of, seed, effort, strategy=strategy, options=options,
                progress=lambda stage, share: inside(PLAN_STAGES.get(stage, stage), share),
                earlier=earlier,
            )  # fmt: skip
        except StrategyError as refusal:
            raise FlowRefused(str(refusal)) from refusal
    with progress.step("独立检查"):
        return checked(proposed, book, rulebook)


def _near_the_data(data_date: date, as_of: date, rulebook: Rulebook) -> None:
    """Refuse a day for which these books cannot speak: a mistyped year would make a plan that looks sound (N-04)."""
    back, ahead = rulebook["planning.as_of_back_days"], rulebook["planning.as_of_ahead_days"]
    days = (as_of - data_date).days
    if days < -back:
        raise FlowRefused(
            f"基准日 {as_of} 早于数据日期 {data_date} 达 {-days:,} 天，最多 {back} 天：请改基准日，或导入那时的数据"
        )
    if days > ahead:
        raise FlowRefused(
            f"基准日 {as_of} 晚于数据日期 {data_date} 达 {days:,} 天，最多 {ahead} 天：请改基准日，或先导入较新的数据"
        )
