"""Words of the address room: reasons, how a part was found, what speaks for a candidate. In: codes. Out: sentences."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from tuogu.books import queries as books
from tuogu.core.address import ranking
from tuogu.core.labels import MANUAL_REASONS
from tuogu.web.templatetags.tuogu import num

LEVELS = {
    "province": gettext_lazy("省"),
    "city": gettext_lazy("市"),
    "district": gettext_lazy("区（县）"),
    "street": gettext_lazy("街道（乡镇）"),
    "community": gettext_lazy("社区（村）"),
    "building": gettext_lazy("幢"),
    "room": gettext_lazy("门牌号"),
}
SOURCES = {  # tables that a division of the code book comes from
    "civil-2025": gettext_lazy("民政部行政区划代码"),
    "statistics-2023": gettext_lazy("国家统计局区划代码"),
    "both": gettext_lazy("民政部与国家统计局一致"),
    "moved": gettext_lazy("国家统计局区划代码，按民政部改隶"),
    "civil-2025 against statistics-2023": gettext_lazy("民政部与国家统计局两表对照"),
}
HOW = {  # how a part was found → words, tone
    "full": (gettext_lazy("原文全称，与编码簿一致"), "ok"),
    "stem": (gettext_lazy("原文简称，编码簿中只此一处"), "ok"),
    "old": (gettext_lazy("旧名，按沿革改为今名"), "mid"),
    "old_stem": (gettext_lazy("旧名的简称，按沿革改为今名"), "mid"),
    "repaired": (gettext_lazy("差一个字，按同级唯一相近者改正"), "mid"),
    "bare": (gettext_lazy("只有两个字，按所在区县推断"), "mid"),
    "implied": (gettext_lazy("原文没写，由下一级推断"), "ok"),
    "unknown": (gettext_lazy("写了，但不在编码簿中"), "no"),
    "tie": (gettext_lazy("写了，但有几处同名"), "mid"),
    "missing": (gettext_lazy("原文缺"), "no"),
    "present": (gettext_lazy("原文有，不显示"), "ok"),
}


_OWN_REASONS = {
    books.DOUBTFUL: gettext_lazy("已编码，把握不足"),
    books.NOT_CODABLE: gettext_lazy("已判定无法编码"),
    "split": gettext_lazy("原社区已拆分"),
    "retired": gettext_lazy("原社区已停用"),
}


def reason_word(reason: str) -> str:
    """Why an address waits."""
    own = _OWN_REASONS.get(reason)
    return str(own) if own else _(MANUAL_REASONS.get(reason, MANUAL_REASONS["no_region"]))


def known_reason(text: str) -> str:
    """A reason by which the desk filters; '' for what is none, so that nothing else gets into an address."""
    return text if text in _OWN_REASONS or text in MANUAL_REASONS else ""


def advice(reason: str) -> str:
    """What to do about it, in one sentence."""
    words = {
        "no_address": _("没有地址可判，请转回访补全；确认补不到时可判为无法编码。"),
        "no_community": _("写到街道或道路为止。按同一小区、道路的客户住在哪里选，或搜编码簿。"),
        "ambiguous": _("几个地方同名，原文没写区或街道。有别的线索再选，没有就转回访。"),
        "unknown_community": _("所写社区不在编码簿中：可能是小区名、旧名或错字。"),
        "outside_city": _("地址不在本市，本机构的区域里没有它。"),
        "no_region": _("没有认出区划。"),
        "low_confidence": _("认出了一个社区，但原文与它有出入。"),
        "split": _("编码簿中这个社区已拆分，各部分列在候选中，须由人判断在哪一边。"),
        "retired": _("编码簿中这个社区已停用，没有去向。"),
        books.DOUBTFUL: _("已编码，但只凭简称或没写市区，请看一眼对不对。"),
        books.NOT_CODABLE: _("已判定无法编码；地址变更后会重新进入队列。"),
    }
    return words.get(reason, words["no_region"])


def evidence_words(evidence: tuple[ranking.Evidence, ...]) -> str:
    """What speaks for a candidate, the strongest first."""
    return _("；").join(_one(e) for e in evidence)


def _one(e: ranking.Evidence) -> str:
    facts = {"n": num(e.count), "all": num(e.total)}
    if e.kind == ranking.SAME_ADDRESS:
        return _("同一地址有 %(n)s 位客户由人判到这里") % facts
    if e.kind == ranking.NEIGHBOURS:
        return _("同一小区、道路或单位已编码的 %(all)s 位中，%(n)s 位在这里") % facts
    if e.kind == ranking.NAMED:
        return (
            _("原文的名称可以是这里") if e.total == 1 else _("原文的名称有 %(all)s 处，这是其中一处") % facts
        )
    if e.kind == ranking.HEIR:
        return _("原社区拆成 %(all)s 个，这是其中一个") % facts
    if e.kind == ranking.RESIDENTS:
        return _("同名各处的客户共 %(all)s 位，%(n)s 位在这里") % facts
    if e.kind == ranking.SIMILAR:
        return _("名称相近（%(n)s%%）") % facts
    return _("本街道已编码的 %(all)s 位客户中，%(n)s 位在这里") % facts


def kind_word(kind: str) -> str:
    """A kind of change to the code book."""
    return {
        "add": _("新增"),
        "split": _("拆分"),
        "merge": _("合并"),
        "rename": _("更名"),
        "retire": _("停用"),
        "recode": _("改码"),
    }.get(kind, kind)
