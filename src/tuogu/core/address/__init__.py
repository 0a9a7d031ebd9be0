"""Addresses: from text as written to six parts, an official code, a confidence, or a place in the manual
queue.

In: frames of text, a code book's frames. Out: `parse` → PARSED, `locate` → LOCATED (see core/tables.py).
Never: a guess shown as certain: where several places fit equally, the answer stops at what they share.
"""

from tuogu.core.address.fragment import fragments
from tuogu.core.address.gazetteer import Gazetteer
from tuogu.core.address.locate import locate
from tuogu.core.address.parse import parse

__all__ = ["Gazetteer", "fragments", "locate", "parse"]
