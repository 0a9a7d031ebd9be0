"""What is said to somebody who mistyped a command: in Chinese, with what to look at, and that nothing was done.

In: what typer found wrong with the words of a command. Out: one sentence. Never: an English sentence of the library.
"""

from __future__ import annotations

import re

import typer
from typer._click.exceptions import (  # typer exports BadParameter alone
    MissingParameter,
    NoSuchOption,
    UsageError,
)

_SAID: tuple[tuple[str, str], ...] = (  # what typer says of a value or of surplus words → what is said here
    (r"No such command '(.*)'", "没有命令 {}"),
    (r"Got unexpected extra arguments?(?:\(s\))? \((.*)\)", "多出了 {}"),
    (r"(?:Option|Argument) '?([^' ]+)'? requires an? (?:argument|value)", "{} 后面缺少值"),
    (r"Option '?([^' ]+)'? does not take a value", "{} 后面不带值"),
    (r"\w+ '(.*)' does not exist", "“{}”不存在"),
    (r"\w+ '(.*)' is a directory", "“{}”是文件夹，不是文件"),
    (r"\w+ '(.*)' is a file", "“{}”是文件，不是文件夹"),
    (r"\w+ '(.*)' is not readable", "“{}”不能读取"),
    (r"'(.*)' does not match the formats? .*", "“{}”不是日期，请写成 2026-01-31"),
    (r".*valid integer.*", "须是整数"),
    (r".*(?:valid number|valid decimal|valid float).*", "须是数"),
    (r".*greater than or equal to (\S+)", "不得小于 {}"),
    (r".*less than or equal to (\S+)", "不得大于 {}"),
    (r".*is not in the range (.*)", "须在 {} 之内"),
)


def said_of(error: UsageError) -> str:
    """The sentence, with the command whose help tells more."""
    return f"{_what(error)}；没有做任何事。用法见 {_command(error)} --help"


def _what(error: UsageError) -> str:
    if isinstance(error, MissingParameter):
        return f"缺少 {_hint(error)}"
    if isinstance(error, NoSuchOption):
        near = "、".join(sorted(error.possibilities or ()))
        return f"没有选项 {error.option_name}" + (f"，是不是 {near}" if near else "")
    if isinstance(error, typer.BadParameter):
        return f"{_hint(error)} 的值不能用：{_translated(error.message)}"
    return _translated(error.message)


def _hint(error: typer.BadParameter) -> str:
    """The name of an option or argument as it is typed, with its environment variable."""
    hint = error.param_hint or (error.param.get_error_hint() if error.param else "")
    words = hint if isinstance(hint, str) else "、".join(hint)
    return re.sub(r"\(env var: ([^)]*)\)", r"（或环境变量 \1）", words.replace("'", "")).replace(" （", "（")


def _translated(message: str) -> str:
    words = " ".join(message.split()).removeprefix("Value error, ").rstrip(".")
    for pattern, told in _SAID:
        found = re.search(pattern, words)
        if found:
            return told.format(*(group.rstrip(".") for group in found.groups()))
    return words


def _command(error: UsageError) -> str:
    return error.ctx.command_path if error.ctx else "tuogu"
