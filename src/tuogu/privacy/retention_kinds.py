"""The kinds of records and how long each is kept: one table, each period a number of the rulebook (L-06, L-11).

In: nothing. Out: KINDS. Never: a period without a ground.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind of record. `period`: a rulebook key in days or months; '' = kept as long as the business relation and the
    law ask for it, as `by_hand` says. `note`: who removes it, where that is not this room."""

    key: str
    title: str
    ground: str
    period: str = ""
    months: bool = False
    by_hand: str = ""
    note: str = ""


KINDS: tuple[Kind, ...] = (
    Kind("uploads", "上传的文件和拒收行", "最小必要：更正取回后不再需要", "uploads.kept_days", note="由上传功能自动清除"),
    Kind("copies", "本人查阅的副本", "最小必要：领取后不再需要", "privacy.copy_days"),
    Kind("exports", "导出的文件", "最小必要：到期作废", "exports.kept_days", note="由导出功能自动清除"),
    Kind(
        "accesslog", "查看、导出留痕", "网络安全法：不少于六个月；与处理记录一致取三年", "accesslog.kept_days",
        note="由查看留痕自动清除",
    ),
    Kind(
        "consents",
        "已被后来的意愿取代的意愿登记",
        "个人信息保护法第五十六条：记录至少保存三年",
        "privacy.consent_months",
        True,
    ),
    Kind(
        "wishes",
        "已答复请求中本人的原话",
        "个人信息保护法第五十六条：记录至少保存三年",
        "privacy.request_months",
        True,
    ),
    Kind("visits", "回访记录", "保险法第八十七条：随合同保管", by_hand="随合同保管，按删除请求处理"),
    Kind(
        "photos", "现场照片、位置和签名", "个人信息保护法第二十九条：单独同意的最小期限", "privacy.photo_days",
        note="还没有这类记录",
    ),
    Kind(
        "sharing",
        "共享登记、同意与请求的办理步骤",
        "个人信息保护法第五十五、五十六条",
        by_hand="长期保存，不含个人信息",
    ),
    Kind("ledger", "责任台账", "保险法第八十七条；台账不含个人信息", by_hand="长期保存；删除请求后仅剩假名"),
    Kind(
        "customers",
        "客户信息",
        "保险法第八十七条：合同终止后十年（一年以下合同五年）",
        by_hand="按删除请求，由第二人批准",
    ),
)  # fmt: skip


def kind(key: str) -> Kind:
    """One kind."""
    return next(one for one in KINDS if one.key == key)
