"""Safe readers and writers of files: the room's public face.

The names below are imported when first used: the parsing process imports this package too, and stays light.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tuogu.core.intake_tables import RawSheet, RawWorkbook
    from tuogu.files.books_folder import write_books
    from tuogu.files.mapping import HeaderMapping, parse_mapping, read_mapping
    from tuogu.files.reader import assemble, parse, read_workbook
    from tuogu.files.refusal import FileRefused, Limits
    from tuogu.files.rejects import write_rejects
    from tuogu.files.sketches import SheetSketch, sketch
    from tuogu.files.templates import write_template

__all__ = [
    "FileRefused",
    "HeaderMapping",
    "Limits",
    "RawSheet",
    "RawWorkbook",
    "SheetSketch",
    "assemble",
    "parse",
    "parse_mapping",
    "read_mapping",
    "read_workbook",
    "sketch",
    "write_books",
    "write_rejects",
    "write_template",
]

_WHERE = {
    "FileRefused": "tuogu.files.refusal",
    "HeaderMapping": "tuogu.files.mapping",
    "Limits": "tuogu.files.refusal",
    "RawSheet": "tuogu.core.intake_tables",
    "RawWorkbook": "tuogu.core.intake_tables",
    "SheetSketch": "tuogu.files.sketches",
    "assemble": "tuogu.files.reader",
    "parse": "tuogu.files.reader",
    "parse_mapping": "tuogu.files.mapping",
    "read_mapping": "tuogu.files.mapping",
    "read_workbook": "tuogu.files.reader",
    "sketch": "tuogu.files.sketches",
    "write_books": "tuogu.files.books_folder",
    "write_rejects": "tuogu.files.rejects",
    "write_template": "tuogu.files.templates",
}


def __getattr__(name: str) -> Any:
    if name not in _WHERE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_WHERE[name]), name)
