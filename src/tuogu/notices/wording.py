"""What a holder is told: a template with placeholders, filled for one holder.

In: a template and plain facts. Out: the text and its digest. Never: a template without the three things that the law asks
for (that the person has left, the state of the contracts, how to get service: L-01), a word about handling money (L-02).
"""

from __future__ import annotations

import hashlib
import string
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from tuogu.notices.failures import NoticeRefused
from tuogu.notices.words import CHANNELS

SHIPPED = "随系统"  # version of the wording that comes with the program
PLACEHOLDERS = {
    "holder": "投保人姓名",
    "insurer": "公司名称",
    "leaver": "离职人姓名",
    "leave_date": "离职日期",
    "cause": "离职原因",
    "contracts": "合同清单，每份一行",
    "contracts_short": "合同清单，一句话",
    "custodian": "现负责人或保全组值班人",
    "hotline": "服务热线",
    "case_code": "案件编号",
}
# What must be said (L-01): each line is one thing, any of its placeholders says it.
DEMANDED = (("leaver",), ("leave_date",), ("contracts", "contracts_short"), ("custodian",), ("hotline",))
# Nobody collects money (L-02): these words may not stand in a notice.
FORBIDDEN = ("代收", "代付", "代缴", "现金", "收取保费", "上门收费", "代领", "转账给")
SMS_MAX = 500  # characters of a template: gateways cut longer ones


@dataclass(frozen=True)
class Wording:
    """One version of the wording of a channel."""

    channel: str
    version: str
    title: str
    body: str


@cache
def shipped(channel: str) -> Wording:
    """The wording that comes with the program."""
    text = files("tuogu.data").joinpath("notice_templates.toml").read_text("utf-8")
    entry = tomllib.loads(text)[channel]
    return Wording(channel, SHIPPED, entry["title"], entry["body"].strip())


def checked(channel: str, title: str, body: str) -> tuple[str, str]:
    """Title and body, tidied; NoticeRefused with everything that is missing or must not stand there."""
    title, body = title.strip(), body.strip()
    if channel not in CHANNELS or not title or not body:
        raise NoticeRefused("请选渠道，并写明标题和正文；没有写入任何数据")
    try:
        used = {name for _, name, _, _ in string.Formatter().parse(body) if name is not None}
    except ValueError:
        raise NoticeRefused("花括号不成对；没有写入任何数据") from None
    problems = [f"不认识占位符 {{{name}}}" for name in sorted(used - PLACEHOLDERS.keys())]
    problems += [
        f"缺少{PLACEHOLDERS[names[0]]} {{{names[0]}}}" for names in DEMANDED if not used & set(names)
    ]
    problems += [f"不得出现“{word}”" for word in FORBIDDEN if word in body or word in title]
    if channel == "sms" and len(body) > SMS_MAX:
        problems.append(f"短信不得超过 {SMS_MAX} 字")
    if problems:
        raise NoticeRefused("；".join(problems) + "；没有写入任何数据")
    return title, body


def filled(wording: Wording, facts: Mapping[str, str]) -> str:
    """The text for one holder."""
    return wording.body.format_map({name: facts.get(name, "") for name in PLACEHOLDERS})


def digest(title: str, body: str) -> str:
    """SHA-256 of what was said: printed on the letter, kept as the message's own."""
    return hashlib.sha256(f"{title}\n{body}".encode()).hexdigest()
