"""One motor policy: facts, owner and responsible person side by side, steps done and to come with the rule of each, what was
said, asked and granted, how it ended; and the acts on it.

In: a viewer, a policy within scope, a form. Out: the page, a row of the room. Never: a plate or name in clear; an act that
the room would refuse, passed over in silence.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.org.rights import Right
from tuogu.renewals import actions
from tuogu.renewals import queries as renewals
from tuogu.web import personal
from tuogu.web.chances import advised
from tuogu.web.paging import id_of
from tuogu.web.parts import Moment
from tuogu.web.renewals.changed import changed
from tuogu.web.renewals.proofs import uploaded
from tuogu.web.renewals.reading import case_or_404, names_of, past_day, places, rooms, told, words
from tuogu.web.templatetags.tuogu import moment
from tuogu.web.viewer import Viewer, ViewerRequest
from tuogu.work import queries as work
from tuogu.work.kinds import Purpose

RULES = {  # step → the key of the rulebook that gives its day
    "listed": "list_from_days", "claim_late": "claim_days", "city_open": "claim_days", "dealt": "city_claim_days",
    "sms": "sms_before_days", "own_contact": "own_contact_before_days", "call_all": "call_all_before_days",
    "urge": "urge_before_days", "final": "second_round_before_days", "second_open": "second_claim_hours",
    "second_city_open": "second_claim_hours", "head_office": "second_claim_hours", "to_leaders": "urge_before_days",
    "lapsed": "lapsed_list_every_months", "next_year": "lapsed_list_every_months",
}  # fmt: skip


@require_safe
def record(request: ViewerRequest, subject: int) -> HttpResponse:
    """The whole case."""
    viewer = request.viewer
    row = case_or_404(viewer, subject)
    personal.opened(viewer, subject_kind="vehicle_case", subject=str(subject))
    context = case_context(viewer, row) | {"rooms": rooms(viewer, "board")}
    advice = None if row.outcome else advised.on_cases(viewer, [subject]).get(subject)
    return render(request, "renewals/case.html", context | {"advice": advice})


def case_context(viewer: Viewer, row: renewals.MotorRow) -> dict[str, Any]:
    """What desk and phone show of a case."""
    subject = row.subject
    known, namings = words(), renewals.namings(subject)
    steps, supports = (
        renewals.steps_of(subject, viewer.scope),
        renewals.supports(viewer.scope, subject=subject),
    )
    heard = work.contacts_for(Purpose.RENEWAL, [subject]).to_dicts()
    state = next(iter(renewals.one_pipeline(subject, viewer.today).to_dicts()), None)
    story = renewals.story(subject, viewer.today)
    seller = renewals.unsettled(subject)
    people = names_of([
        row.responsible, row.owner, seller, *(one.person for one in namings), *(one.by for one in namings),
        *(one.person for one in steps), *(who for one in steps for _what, who, _at in one.answers),
        *(one.by for one in supports), *(one.answered_by for one in supports), *(one["person_id"] for one in heard),
        *(one.by for one in story.ends), *(one.by for one in story.stated),
    ])  # fmt: skip
    plate, frame = renewals.vehicles([subject]).get(subject, ("", ""))
    seconds = [one for one in renewals.second_waiting(viewer.scope, viewer.now) if one.subject_id == subject]
    return {
        "row": row, "state": state, "plate": plate, "frame": frame, "namings": namings, "supports": supports,
        "heard": heard, "customer": personal.masked([row.holder_number]).get(row.holder_number), "names": people,
        "places": places([row.institution_code]), "moments": _moments(steps, people, known),
        "coming": _coming(viewer, story, row, steps), "changes": changed(subject),
        "second": next(iter(seconds), None), "seller": seller,
        "story": story, "end": story.end, "own": row.responsible == viewer.person,
        "urge": next((one for one in steps if one.step == "urge" and not one.answers), None),
        "final": next((one for one in steps if one.step == "final"), None),
        "typed": any(one.answers or one.reason.startswith("risk:") for one in steps), **known,
    }  # fmt: skip


def _coming(
    viewer: Viewer, story: renewals.Story, row: renewals.MotorRow, steps: list[renewals.StepRow]
) -> list[tuple[str, date, Any]]:
    """Steps that have not happened, by day, each with the parameter behind it, as the case keeps it."""
    done, rules = {one.step for one in steps}, story.rulebook.parameters
    return [
        (step, due, rules[f"renewal.{RULES[step]}"])
        for step, due in renewals.calendar_of(row.subject, viewer.today)
        if step not in done and due >= viewer.today and not (step == "claim_late" and row.named)
    ]


_OWED = ("sms", "own_contact", "call_all", "urge", "final", "head_office", "to_leaders", "next_year")


def _moments(steps: list[renewals.StepRow], people: dict[int, Any], known: dict[str, Any]) -> list[Moment]:
    """Newest first, each with what was done about it."""
    found = []
    for one in reversed(steps):
        for what, who, at in reversed(one.answers):
            name = people[who].name if who in people else ""
            found.append(Moment(_answer(what, known), "", moment(at), "", mark=name))
        tag = _("第 %(n)s 次") % {"n": one.round} if one.round > 1 else ""
        name = people[one.person].name if one.person in people else ""
        text = reason_words(one.reason)
        step = known["steps"][one.step]
        step = _("到期步骤：%(step)s") % {"step": step} if one.step in _OWED else step  # due, not done
        found.append(Moment(step, tag, f"{one.fired_date:%Y-%m-%d}", text, mark=name))
    return found


def _answer(what: str, known: dict[str, Any]) -> str:
    kind, _colon, text = what.partition(":")
    heads = {
        "acknowledged": _("已确认督促"), "called": _("集中呼出"), "can": _("最终确认：可以续保"),
        "cannot": _("最终确认：无法续保"),
    }  # fmt: skip
    said = known["calls"].get(text, text)
    return f"{heads.get(kind, kind)}{_('：') if said else ''}{said}"


def reason_words(reason: str) -> str:
    """Why a step happened, in words."""
    told_of = words()["reasons"]
    kind, _colon, text = reason.partition(":")
    return _("流失风险较大：%(why)s") % {"why": text} if kind == "risk" else str(told_of.get(reason, reason))


def _back(request: HttpRequest, subject: int) -> HttpResponse:
    """To the page from which the act was made."""
    back = request.POST.get("back", "")
    if back == "phone":
        return redirect("phone:renewal", subject=subject)
    if back in {"claims", "second", "calls", "branch"}:
        return redirect(f"renewals:{back}")
    return redirect("renewals:case", subject=subject)


@require_POST
def end(request: ViewerRequest, subject: int) -> HttpResponse:
    """How the case ended, with its proof."""
    viewer, post = request.viewer, request.POST
    case_or_404(viewer, subject)

    def act() -> str:
        day = past_day(post.get("ended_date", ""), _("结果日期"), viewer.today)
        stands = actions.end_case(
            subject, post.get("outcome", ""), proof=post.get("proof", ""), paper=uploaded(request),
            successor_number=post.get("successor", ""), ended_date=day, by=viewer.person, at=viewer.now,
        )  # fmt: skip
        if stands == renewals.Outcome.SAID:
            return _(
                "已登记续保声明和凭证，不再催办；新保单导入后才计入续保率和归属。登记错了的，由机构负责人或续期管理岗撤回。"
            )
        return _("已登记结果和凭证；登记错了的，由机构负责人或续期管理岗撤回，原记录保留。")

    if told(request, act) and post.get("back") == "phone" and not _still(viewer, subject):
        return redirect("phone:renewals")
    return _back(request, subject)


def _still(viewer: Viewer, subject: int) -> bool:
    return renewals.motor_policy(viewer.scope, subject) is not None


@require_POST
def withdraw(request: ViewerRequest, subject: int) -> HttpResponse:
    """Take an end back."""
    viewer = request.viewer
    case_or_404(viewer, subject)

    def act() -> str:
        actions.withdraw_end(subject, reason=request.POST.get("reason", ""), by=viewer.person, at=viewer.now)
        return _("已撤回，这件业务继续跟进；原来的结果和凭证留档。")

    told(request, act)
    return _back(request, subject)


@require_POST
def support(request: ViewerRequest, subject: int) -> HttpResponse:
    """Ask for help, or answer."""
    viewer, post = request.viewer, request.POST
    case_or_404(viewer, subject)

    def act() -> str:
        answered = id_of(post.get("support", ""))
        if answered is not None:
            if not viewer.can(Right.NAME_RENEWALS, Right.KEEP_RENEWALS):
                raise renewals.RenewalRefused(_("答复由机构负责人或地市公司作出；没有写入任何数据"))
            if answered not in {one.id for one in renewals.supports(viewer.scope, subject=subject)}:
                raise renewals.RenewalUnknown(answered)
            actions.answer_support(answered, answer=post.get("answer", ""), by=viewer.person, at=viewer.now)
            return _("已答复，责任人在这件业务上看到。")
        actions.ask_support(
            subject, post.get("asked_of", ""), why=post.get("why", ""), by=viewer.person, at=viewer.now
        )
        return _("已上报；答复写在这件业务上。")

    told(request, act)
    return _back(request, subject)


@require_POST
def acknowledge(request: ViewerRequest, subject: int) -> HttpResponse:
    """The urged person has taken note."""
    viewer = request.viewer
    case_or_404(viewer, subject)
    steps = [one for one in renewals.steps_of(subject, viewer.scope) if one.step == "urge"]

    def act() -> str:
        if not steps:
            raise renewals.RenewalRefused(_("这件业务没有督促；没有写入任何数据"))
        actions.acknowledge(steps[-1].id, what=request.POST.get("what", ""), by=viewer.person, at=viewer.now)
        return _("已确认督促；打算怎么做记在经过里。")

    told(request, act)
    return _back(request, subject)


@require_POST
def risk(request: ViewerRequest, subject: int) -> HttpResponse:
    """The responsible person sees a high risk: to head office."""
    viewer = request.viewer
    case_or_404(viewer, subject)

    def act() -> str:
        actions.report_risk(subject, why=request.POST.get("why", ""), by=viewer.person, at=viewer.now)
        return _("已列入提交总公司的名单；责任人不变，请继续跟进。")

    told(request, act)
    return _back(request, subject)
