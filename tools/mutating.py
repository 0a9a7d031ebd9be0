"""The changes that `tools.mutants` makes to a module: one at a time, on its syntax tree.

In: source text. Out: a list of possible changes, and the tree with one of them made. Never: a change of a text, an
annotation, an import, a decorator, a field of a dataclass or zip's `strict` (tests of behaviour need not notice those).
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Iterator
from dataclasses import dataclass

COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.In: ast.NotIn, ast.NotIn: ast.In,
}  # fmt: skip
ARITHMETIC: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.FloorDiv, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult,
    ast.Mod: ast.FloorDiv, ast.Pow: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip


@dataclass(frozen=True)
class Mutant:
    """One change: the place in the walk of the tree, which of its changes, and how it reads."""

    node: int
    change: int
    line: int
    column: int
    words: str


def changes_of(node: ast.AST) -> list[tuple[str, ast.AST]]:
    """What may be changed in this node: words, and the node in its place."""
    found: list[tuple[str, ast.AST]] = []
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            changed = copy.deepcopy(node)
            changed.ops[place] = COMPARISONS[type(operator)]()
            found.append((_words(node, changed), changed))
    elif isinstance(node, (ast.BinOp, ast.AugAssign)) and type(node.op) in ARITHMETIC:
        altered = copy.deepcopy(node)
        altered.op = ARITHMETIC[type(node.op)]()
        found.append((_words(node, altered), altered))
    elif isinstance(node, ast.BoolOp):
        other = copy.deepcopy(node)
        other.op = ast.Or() if isinstance(node.op, ast.And) else ast.And()
        found.append((_words(node, other), other))
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Not, ast.USub)):
        found.append((_words(node, node.operand), node.operand))
    elif isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float)):
        value = (not node.value) if isinstance(node.value, bool) else node.value + 1
        constant = ast.Constant(value)
        found.append((_words(node, constant), constant))
    elif isinstance(node, ast.Return) and not (
        node.value is None or (isinstance(node.value, ast.Constant) and node.value.value is None)
    ):
        found.append((f"return {_short(node.value)} → return None", ast.Return(ast.Constant(None))))
    return found


def _words(before: ast.AST, after: ast.AST) -> str:
    return f"{_short(before)} → {_short(after)}"


def _short(node: ast.AST) -> str:
    text = ast.unparse(node)
    return text if len(text) <= 60 else text[:57] + "..."


def walk(node: ast.AST, parent: ast.AST | None = None) -> Iterator[tuple[ast.AST, ast.AST | None]]:
    """Nodes with their parents in the order of the text, without annotations, imports and class-level fields."""
    yield node, parent
    for field, value in ast.iter_fields(node):
        if field in {"annotation", "returns", "type_comment"}:
            continue
        for child in value if isinstance(value, list) else [value]:
            skipped = isinstance(child, (ast.Import, ast.ImportFrom)) or (
                isinstance(node, ast.ClassDef) and isinstance(child, ast.AnnAssign)
            )
            decorator = field == "decorator_list"
            if isinstance(child, ast.keyword) and child.arg == "strict":
                continue  # zip's guard of an invariant: no input can tell
            if isinstance(child, ast.AST) and not skipped and not decorator:
                yield from walk(child, node)


def mutants_of(source: str) -> list[Mutant]:
    """Every change that this module can suffer."""
    found = []
    for number, (node, _parent) in enumerate(walk(ast.parse(source))):
        for change, (words, _changed) in enumerate(changes_of(node)):
            found.append(
                Mutant(number, change, getattr(node, "lineno", 0), getattr(node, "col_offset", 0), words)
            )
    return found


def mutated(source: str, mutant: Mutant) -> ast.Module:
    """The module with that one change."""
    tree = ast.parse(source)
    node, parent = next(pair for number, pair in enumerate(walk(tree)) if number == mutant.node)
    assert parent is not None
    _words_unused, changed = changes_of(node)[mutant.change]
    ast.copy_location(changed, node)
    for field, value in ast.iter_fields(parent):
        if value is node:
            setattr(parent, field, changed)
        elif isinstance(value, list) and node in value:
            value[value.index(node)] = changed
    return ast.fix_missing_locations(tree)
