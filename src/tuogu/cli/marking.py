"""Files that the command line writes carry the mark of who signed: name, staff number, time (N-13).

In: the custodian who signs. Out: a block within which every workbook and csv is marked. Never: a file of stored customers
without a mark.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from tuogu.clock import now
from tuogu.files.watermark import Mark, marked


@contextmanager
def marked_by(person: int) -> Iterator[None]:
    """Mark what is written while the block runs; the database must be open."""
    from tuogu.org import queries as org

    called = org.known_as([person]).get(person)
    who = (
        f"{called.name} {called.staff_number}".strip()
        if called and called.staff_number
        else "本机命令行（未用令牌）"
    )
    with marked(Mark(who, now())):
        yield
