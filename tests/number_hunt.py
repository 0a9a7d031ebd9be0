"""Finds numbers that stand in code: what a rulebook should say (N-09), unless a named constant says why it is no rule.

In: a Python file. Out: (line, literal) of every number that is not structural. Structural are −1, 0, 1, 2; what stands in an
index, a slice or a format; widths of stored texts; lines of a page; how far a run is; shifts of bits; units (100 fen) where
something is multiplied or divided by them; the twelve months where months are counted; and module-level ALL_CAPS names whose
comment (on the line, or above it) gives the reason.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

STRUCTURAL = {-1, 0, 1, 2}
# fen of a yuan, points, percent and bp: where something is multiplied or divided by them
UNITS = {100, 1_000, 10_000}
_BITS = (ast.LShift, ast.RShift, ast.BitXor, ast.BitAnd, ast.BitOr, ast.Pow)
YEAR = {12, 13}  # months of a year and the end of their range, where something is counted by the month
_DECEMBER_DAYS = 31
_UNIT_CALLS = {"Fraction", "divmod"}
_CALENDAR_CALLS = {"divmod", "range", "reshape", "date", "clip", "zeros", "full", "arange"}
# keywords that say how wide a stored text is, how much is cached
_WIDTHS = {"max_length", "digest_size", "maxsize"}
_PAGE_SIZES = {"size", "limit", "rows"}  # parameters whose default says how many lines a page shows
# calls that take places or widths
_PLACES = {"head", "tail", "slice", "extract", "to_bytes", "reshape", "zfill", "round", "repeat", "uint64"}
_SHARES_DONE = {"told", "inside", "progress"}  # calls that tell how far a run is
_NAME = re.compile(r"^_?[A-Z][A-Z0-9_]*$")


def numbers_in_code(path: Path) -> list[tuple[int, str]]:
    """Line and literal of each number that nothing explains."""
    text = path.read_text(encoding="utf-8")
    tree, lines = ast.parse(text), text.splitlines()
    explained = _explained_lines(tree, lines)
    return sorted({(n.lineno, ast.unparse(n)) for n in _numbers(tree) if n.lineno not in explained})


def _numbers(node: ast.AST) -> Iterator[ast.Constant]:
    for child, structural in _children(node):
        if isinstance(child, ast.Constant):
            if not structural and _is_number(child.value) and not _counts_as(node, child.value):
                yield child
        elif not structural:
            yield from _numbers(child)


def _children(node: ast.AST) -> Iterator[tuple[ast.AST, bool]]:
    """The nodes below and whether a number there is structural by its place."""
    if isinstance(node, ast.Subscript):  # an index or a slice counts places
        yield from (
            (node.value, False),
            (node.slice, not any(isinstance(n, ast.Call) for n in ast.walk(node.slice))),
        )
    elif isinstance(node, ast.FormattedValue):
        yield node.value, False
    elif isinstance(node, ast.keyword):
        yield node.value, node.arg in _WIDTHS
    elif isinstance(node, ast.Call):
        name = _called(node)
        yield node.func, False
        yield from ((argument, name in _PLACES or _progress(name, argument)) for argument in node.args)
        yield from ((keyword, False) for keyword in node.keywords)
    elif isinstance(node, ast.arguments):
        named = [*node.posonlyargs, *node.args][-len(node.defaults) :] if node.defaults else []
        pairs = [
            *zip(named, node.defaults, strict=True),
            *zip(node.kwonlyargs, node.kw_defaults, strict=True),
        ]
        yield from (
            (default, argument.arg in _PAGE_SIZES) for argument, default in pairs if default is not None
        )
    else:
        yield from ((child, False) for child in ast.iter_child_nodes(node))


def _progress(name: str, argument: ast.expr) -> bool:
    return name in _SHARES_DONE and isinstance(argument, ast.Constant) and isinstance(argument.value, float)


def _called(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


def _counts_as(node: ast.AST, number: object) -> bool:
    """A shift of bits, a unit that something is converted by, or the twelve months."""
    if isinstance(node, ast.BinOp):
        scaled = isinstance(node.op, (ast.Mult, ast.Div, ast.FloorDiv, ast.Mod))
        return isinstance(node.op, _BITS) or (scaled and number in UNITS | YEAR)
    if isinstance(node, ast.Call):
        name = _called(node)
        last_of_year = name == "date" and number == _DECEMBER_DAYS
        return (
            (number in YEAR and name in _CALENDAR_CALLS)
            or (number in UNITS and name in _UNIT_CALLS)
            or last_of_year
        )
    return number in YEAR and isinstance(node, (ast.Compare, ast.Tuple))


def _is_number(value: object) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and value not in STRUCTURAL


def _explained_lines(tree: ast.Module, lines: list[str]) -> set[int]:
    found: set[int] = set()
    block_ends, explained = 0, False  # one comment may stand above a block of constants without a gap
    for statement in tree.body:
        if not _is_constant(statement):
            continue
        last = statement.end_lineno or statement.lineno
        follows = explained and statement.lineno == block_ends + 1
        above = statement.lineno > 1 and lines[statement.lineno - 2].strip().startswith("#")
        explained = above or follows
        if explained or any("#" in line for line in lines[statement.lineno - 1 : last]):
            found.update(range(statement.lineno, last + 1))
        block_ends = last
    return found


def _is_constant(statement: ast.stmt) -> bool:
    if not isinstance(statement, (ast.Assign, ast.AnnAssign)):
        return False
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    names = [
        name for target in targets for name in (target.elts if isinstance(target, ast.Tuple) else [target])
    ]
    return all(isinstance(name, ast.Name) and _NAME.match(name.id) for name in names)
