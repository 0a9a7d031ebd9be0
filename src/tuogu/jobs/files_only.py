"""A book made from a file alone: nothing stored, nobody signs.

In: the cells of a branch's file. Out: the file as accepted, the book with the file's own facts, the shipped rulebook.
Never: a database.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from tuogu.core.intake_tables import RawWorkbook
from tuogu.core.rulebook import Rulebook
from tuogu.core.tables import CUSTOMERS, INSTITUTIONS, PEOPLE, POLICIES, Book, Books, empty
from tuogu.jobs import flow
from tuogu.jobs.flow import BranchFile
from tuogu.jobs.progress import Steps


def book_of_file(
    raw: RawWorkbook, data_date: date, as_of: date, city: str | None, progress: Steps
) -> tuple[BranchFile, Book, Rulebook]:
    """Standardise, code and classify a file. FlowRefused when it is refused as a whole."""
    nothing = Books(empty(POLICIES), empty(CUSTOMERS), empty(PEOPLE), empty(INSTITUTIONS))
    rulebook = flow.shipped_rulebook()
    branch = flow.standardise_file(raw, data_date, city, nothing, rulebook, progress)
    book, _codebook = flow.code_and_classify(branch.books, branch.city, as_of, rulebook, None, progress)
    return branch, replace(book, facts=branch.intake.facts), rulebook
