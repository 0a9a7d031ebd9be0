"""What an import is, apart from its file: the digest of its accepted rows."""

from __future__ import annotations

import hashlib

from tuogu.core.intake_tables import Intake


def content_digest(intake: Intake, coverage: str) -> str:
    """SHA-256 of the accepted rows, sorted, with their data date: the identity of an import, whatever the row order."""
    books = intake.books
    digest = hashlib.sha256(f"{books.data_date}|{coverage}".encode())
    for frame in (books.institutions, books.people, books.customers, books.policies, books.coordinates):
        digest.update(frame.sort(frame.columns[0]).write_csv(None, include_header=True).encode())
    if intake.facts.height:  # a file without facts keeps the identity that it had before there were any
        digest.update(intake.facts.write_csv(None, include_header=True).encode())
    if intake.motor.height:
        digest.update(b"motor" + intake.motor.write_csv(None, include_header=True).encode())
    return digest.hexdigest()
