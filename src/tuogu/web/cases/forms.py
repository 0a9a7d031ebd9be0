"""The form of a step: one field for each thing that the table of steps asks for; desk and phone show the same.

In: a case with a step that the viewer may take. Out: fields; what was posted as `Given`. Never: a field for an amount of
money (no cash changes hands), a step whose form asks for less than the table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from django.http import QueryDict
from django.utils.translation import gettext as _

from tuogu.cases import queries as cases
from tuogu.cases.actions import Given
from tuogu.core.steps import Step
from tuogu.web.cases.words import method_words, need_words, paper_words, staff_id
from tuogu.web.paging import day_of, id_of
from tuogu.web.viewer import Viewer
from tuogu.work import queries as work

_VISITS_SHOWN = 20
_SIGNED = ("signature",)
_CHOSEN = {"attempt", "paper", "visit", "revisit", "checklist", "signature"}
_KEPT = {"card", "six_methods", "all_papers", "facts"}  # the program looks for itself


@dataclass(frozen=True)
class Field:
    """One thing to be given. `shape`: text, choice, checks, tick, staff."""

    name: str
    label: str
    shape: str
    options: tuple[tuple[str, str], ...] = ()
    required: bool = True
    note: str = ""


@dataclass(frozen=True)
class StepForm:
    """A step with its fields. `missing`: why it cannot be taken yet, '' where it can."""

    step: Step
    fields: tuple[Field, ...]
    missing: str = ""
    plain: bool = False  # nothing to fill in: a button is enough


def forms_of(viewer: Viewer, found: cases.CaseRecord) -> list[StepForm]:
    """A form for each step that the viewer may take now."""
    return [_form(viewer, found, step) for step in found.steps]


def _form(viewer: Viewer, found: cases.CaseRecord, step: Step) -> StepForm:
    fields = [
        field for need in step.needs if need not in _KEPT for field in [_field(viewer, found, step, need)]
    ]
    if step.moves == "specialist":
        fields.append(
            Field(
                "receiver", _("接收的保单服务专员（工号）"), "staff", required=False, note=_("不填：交保全组")
            )
        )
    missing = ""
    if "all_papers" in step.needs and found.lacking:
        words = paper_words()
        missing = _("还缺：%(papers)s") % {"papers": _("、").join(words[one] for one in found.lacking)}
    if "six_methods" in step.needs and found.tried is not None and not found.tried.exhausted:
        missing = _("规定方式还缺 %(n)s 种：%(names)s") % {
            "n": found.tried.lacking, "names": _("、").join(_(one) for one in found.tried.unused),
        }  # fmt: skip
    return StepForm(step, tuple(fields), missing, plain=not fields)


def _field(viewer: Viewer, found: cases.CaseRecord, step: Step, need: str) -> Field:
    label = need_words()[need]
    if need not in _CHOSEN:
        return Field(need, label, "text")
    return _SHAPES[need](viewer, found, step, label)


def _attempt(_viewer: Viewer, _found: cases.CaseRecord, _step: Step, _label: str) -> Field:
    return Field("method", _("联系方式"), "choice", tuple(method_words().items()))


def _paper(_viewer: Viewer, found: cases.CaseRecord, step: Step, label: str) -> Field:
    words, codes = paper_words(), found.have if step.name == "take_back" else found.lacking
    return Field("paper", label, "choice", tuple((code, words[code]) for code in codes))


def _visit(_viewer: Viewer, found: cases.CaseRecord, _step: Step, label: str) -> Field:
    used = {line.record for line in found.history}
    rows = work.records_of_customer(found.row.customer_number, limit=_VISITS_SHOWN)
    options = [
        (str(row.id), f"{row.happened_at:%Y-%m-%d}")
        for row in rows
        if row.kind == "visit" and row.outcome == "met" and row.id not in used
    ]
    note = "" if options else _("先在手机上记录一次面访")
    return Field("record", label, "choice", tuple(options), note=note)


def _checklist(_viewer: Viewer, found: cases.CaseRecord, _step: Step, label: str) -> Field:
    words = handover_words()
    return Field("checked", label, "checks", tuple((item, words.get(item, item)) for item in found.items))


def _signature(_viewer: Viewer, _found: cases.CaseRecord, _step: Step, _label: str) -> Field:
    return Field("signed", _("本人签名确认以上内容"), "tick", note=_("以登录账号签名，写入时间和清单摘要"))


_SHAPES: dict[str, Callable[[Viewer, cases.CaseRecord, Step, str], Field]] = {
    "attempt": _attempt, "paper": _paper, "visit": _visit, "revisit": _visit, "checklist": _checklist,
    "signature": _signature,
}  # fmt: skip


def handover_words() -> dict[str, str]:
    """What a hand-over goes through."""
    return {
        "customers": _("客户与保单清单"), "cards": _("客户服务卡"), "papers": _("代办中的资料与收据"),
        "appointments": _("已约的拜访"), "register": _("客户联系资料册"), "commitments": _("对客户的承诺与未了事项"),
    }  # fmt: skip


def given_of(post: QueryDict) -> Given:
    """What was posted. A day that nobody can mean counts as none; the action judges the rest."""
    texts = {name: str(post[name]) for name in need_words() if post.get(name)}
    return Given(
        day=day_of(post.get("day", "")),
        texts=texts,
        method=post.get("method", ""),
        paper=post.get("paper", ""),
        record=id_of(post.get("record", "")),
        receiver=staff_id(post.get("receiver", "")),
        checked=tuple(post.getlist("checked")),
        signed=post.get("signed") == "1",
    )
