"""No Chinese stands on a page outside a translation call: neither in a template nor in a view nor in a script."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.template.base import Lexer, TokenType

WEB = Path(__file__).parents[2] / "src/tuogu/web"
CHINESE = re.compile(r"[\u3001-\u3003\u3008-\u3011\u3400-\u9fff\uff01-\uff5e]")
CALLS = {
    "_",
    "gettext",
    "gettext_lazy",
    "gettext_noop",
    "ngettext",
    "ngettext_lazy",
    "pgettext",
    "pgettext_lazy",
}
TRANSLATED_CONSTANT = re.compile(r"""_\((?:"[^"]*"|'[^']*')\)""")
SEAL = '<span class="tg-seal" aria-hidden="true">托</span>'  # the mark of the product, a picture of one character


def of_template(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of Chinese that a template shows without translating it."""
    inside = ""  # the block whose end is awaited
    for token in Lexer(text.replace(SEAL, "")).tokenize():
        word = token.contents.split(maxsplit=1)[0] if token.contents.strip() else ""
        if token.token_type == TokenType.BLOCK and word in {"blocktranslate", "blocktrans", "comment"}:
            inside = f"end{word}"
        elif token.token_type == TokenType.BLOCK and word == inside:
            inside = ""
        elif inside or token.token_type == TokenType.COMMENT or word in {"translate", "trans"}:
            continue
        found = TRANSLATED_CONSTANT.sub("", token.contents)
        if CHINESE.search(found):
            yield token.lineno, found.strip()


def of_python(text: str) -> Iterator[tuple[int, str]]:
    """(line, text) of Chinese strings outside translation calls and docstrings."""
    tree = ast.parse(text)
    excused = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) in CALLS:
            excused |= {id(part) for argument in node.args for part in ast.walk(argument)}
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            excused.add(id(node.value))
    for node in ast.walk(tree):
        text_of = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
        if id(node) not in excused and CHINESE.search(text_of):
            yield node.lineno, text_of


def findings(pattern: str, check) -> list[str]:
    """file:line text for every finding below web/."""
    return [
        f"{file.relative_to(WEB)}:{line} {text}"
        for file in sorted(WEB.glob(pattern))
        for line, text in check(file.read_text(encoding="utf-8"))
    ]


def test_templates_show_no_chinese_of_their_own():
    assert findings("templates/**/*.html", of_template) == []


def test_views_show_no_chinese_of_their_own():
    found = findings("**/*.py", of_python)
    assert [
        line for line in found if not line.startswith("apps.py:")
    ] == []  # Django's name of the room: no page shows it


def test_scripts_and_style_sheets_hold_no_chinese():
    def lines(text: str) -> Iterator[tuple[int, str]]:
        yield from ((n, line.strip()) for n, line in enumerate(text.splitlines(), 1) if CHINESE.search(line))

    assert findings("static/tuogu/**/*.js", lines) + findings("static/tuogu/**/*.css", lines) == []


def test_the_checks_see_what_they_should():
    assert list(of_template('<b>客户</b>{{ x|default:"无" }}\n{% note "bad" "坏" %}')) == [
        (1, "<b>客户</b>"), (1, 'x|default:"无"'), (2, 'note "bad" "坏"'),
    ]  # fmt: skip
    good = '{# 注 #}{% translate "好" %}{% note "bad" _("好") %}{% blocktranslate %}共 {{ n }} 件{% endblocktranslate %}'
    assert list(of_template(good)) == []
    assert list(of_python('"""说明"""\na = _("好") + gettext("好")\nb = f"坏{a}"')) == [(3, "坏")]
