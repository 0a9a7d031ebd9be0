"""Which rulebook a command means: the shipped one, an adopted version, the one in force on a day, a file or a folder.

In: a word and perhaps a database. Out: a `Rulebook`. Never: a book that has problems; a version looked for without a
database.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

from tuogu.cli.console import refuse
from tuogu.cli.database import open_database
from tuogu.core.rulebook import Rulebook, RulebookProblems, parse_rulebook
from tuogu.core.rulebook_checks import check_against
from tuogu.core.rulebook_overlay import Base, base_of, overlaid
from tuogu.files.rulebook_files import read_rulebook
from tuogu.jobs.flow import shipped_rulebook


def in_force(db: str, on: date) -> Rulebook:
    """The book of that day; without a database the shipped one."""
    if not db:
        return shipped_rulebook()
    open_database(db)
    from tuogu.rules import queries

    return queries.applicable(on)


def named(word: str, db: str) -> Rulebook:
    """`standard`, a version number, or the path of a file or folder."""
    shipped, path = shipped_rulebook(), Path(word)
    if word in {shipped.name, shipped.version, f"{shipped.name} {shipped.version}"}:
        return shipped
    if path.exists():
        return of_file(path, db)
    return _base(Base(shipped.name, word.removeprefix(f"{shipped.name} ")), db)


def of_file(path: Path, db: str) -> Rulebook:
    """A clerk's changes laid over their base, or a whole book of a folder; RulebookProblems with all that is wrong."""
    document = read_rulebook(path)
    if path.is_dir() and "base" not in document["rulebook"]:
        return _whole(document)
    return overlaid(_base(base_of(document), db), document)


def _whole(document: Mapping[str, Any]) -> Rulebook:
    rulebook = parse_rulebook(document)
    found = check_against(rulebook, shipped_rulebook())
    if found:
        raise RulebookProblems(found)
    return rulebook


def _base(base: Base, db: str) -> Rulebook:
    shipped = shipped_rulebook()
    if base.name == shipped.name and base.version in {"", shipped.version}:
        return shipped
    if not db:
        refuse(f"制度 {base.name} {base.version} 不随程序提供：它在数据库里，请加 --db；或给出制度文件")
    open_database(db)
    from tuogu.rules import queries

    return queries.base_book(base)
