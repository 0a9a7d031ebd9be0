"""What is said to somebody who mistyped a command: in Chinese, with what to look at, and that nothing was done.

In: what typer found wrong with the words of a command. Out: one sentence. Never: an English sentence of the library.
typer shows the world two of its exceptions, TyperException and BadParameter; the others are told by what they carry.
"""

from __future__ import annotations

import re

import typer

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


def is_help(error: typer.TyperException) -> bool:
    """A bare `tuogu` or a bare group: typer has printed its help, and its error has nothing more to say."""
    return not error.message and not isinstance(error, typer.BadParameter)


def said_of(error: typer.TyperException) -> str:
    """The sentence, with the command whose help tells more."""
    return f"{_what(error)}；没有做任何事。用法见 {_command(error)} --help"


def _what(error: typer.TyperException) -> str:
    if isinstance(error, typer.BadParameter):
        if not error.message:  # nothing was given that could be wrong
            return f"缺少 {_hint(error)}"
        return f"{_hint(error)} 的值不能用：{_translated(error.message)}"
    if hasattr(error, "possibilities"):
        near = "、".join(sorted(error.possibilities or ()))
        return f"没有选项 {error.option_name}" + (f"，是不是 {near}" if near else "")
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


def _command(error: typer.TyperException) -> str:
    context: typer.Context | None = getattr(error, "ctx", None)
    return context.command_path if context else "tuogu"
