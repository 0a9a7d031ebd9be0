"""Models of chances: the list, one of them with its calibration plot and everything it learned, and the wish for a new one.

In: a viewer, a target. Out: pages; a job that learns. Never: a decision by a chance; a model that a person did not ask for.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.chance.model import SIGMOID, Model
from tuogu.core.chance.tables import TARGETS
from tuogu.jobs import actions as jobs
from tuogu.jobs import queries as jobs_known
from tuogu.org import queries as org
from tuogu.reports import queries as reports
from tuogu.web.chances.words import bin_words, places_of, times
from tuogu.web.parts import Figure
from tuogu.web.templatetags.tuogu import num, percent
from tuogu.web.viewer import Viewer, ViewerRequest

_KIND = "chances"  # of the job that learns
_SCORES = 4  # digits of a Brier score or a loss


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Every stored model, the newest first; whoever keeps the reports asks for a new one."""
    viewer = request.viewer
    rows, newest = reports.chance_models(), jobs_known.jobs(viewer.person, kind=_KIND, limit=1)
    context = {
        "learning": newest[0] if newest and newest[0].state != "done" else None,
        "seconds": newest[0].seconds(viewer.now) if newest else 0,
        "rows": rows,
        "names": org.known_as({row.by for row in rows}),
        "targets": [(one.key, _(one.title), _(one.happens)) for one in TARGETS.values()],
        "may_train": viewer.may("chances:train", "POST"),
        "may_rank": viewer.rulebook["advice.may_rank"],
    }
    return render(request, "chances/list.html", context)


@require_POST
def train(request: ViewerRequest) -> HttpResponse:
    """Ask for a new model, learned from everything that is settled by today."""
    viewer = request.viewer
    target = TARGETS.get(request.POST.get("target", ""))
    if target is None:
        messages.error(request, _("没有这种机会可学；没有写入任何数据"))
        return redirect("chances:list")
    jobs.ask(
        kind=_KIND, title=_("学习机会模型：%(what)s") % {"what": _(target.title)}, arguments={"target": target.key},
        by=viewer.person, at=viewer.now,
    )  # fmt: skip
    messages.success(request, _("正在后台学习，可离开页面；学完后模型列在本页，以前的模型保留。"))
    return redirect("chances:list")


@require_safe
def record(request: ViewerRequest, model_id: int) -> HttpResponse:
    """One model: figures, calibration plot, months held out, what was learned."""
    found = reports.chance_model(model_id)
    if found is None:
        raise Http404
    head, model = found
    context = {
        "head": head, "figures": _figures(head), "curve": _curve(head), "points": head.figures["curve"],
        "months": head.figures["months"], "parts": _parts(head), "learned": _learned(request.viewer, model), "model": model,
        "names": org.known_as({head.by}), "sigmoid": model.calibration.way == SIGMOID, "prior": times(model.prior),
    }  # fmt: skip
    return render(request, "chances/record.html", context)


def _figures(head: reports.ChanceHead) -> list[Figure]:
    told = head.figures
    return [
        Figure(_("实际比例"), percent(told["share"]), "%", _("平均预测 %(n)s%%") % {"n": percent(told["chance"])}, "",
               _("检验月份里发生的条数÷检验月份的全部条数")),
        Figure(_("均方误差"), _score(told["brier"]), "", _("一律按平均 %(n)s") % {"n": _score(told["brier_base"])}, "",
               _("（预测－结果）的平方的平均；越低越准"), "good" if head.better else "warn"),
        Figure(_("对数损失"), _score(told["log_loss"]), "", _("一律按平均 %(n)s") % {"n": _score(told["log_loss_base"])}, "",
               _("结果在预测之下的负对数的平均；越低越准")),
        Figure(_("校准误差"), percent(told["calibration_error"]), "%", "", "",
               _("校准图各点预测与实际之差，按条数加权平均")),
        Figure(_("检验条数"), num(told["rows"]), _("条"), _("学习 %(n)s 条") % {"n": num(told["learned"]["rows"])}, "",
               _("检验月份没有一条参加学习；学习的结果都在检验月份以前已经知道")),
    ]  # fmt: skip


def _curve(head: reports.ChanceHead) -> dict[str, Any]:
    points = head.figures["curve"]
    return {
        "points": [[one["chance"] * 100, one["share"] * 100, one["rows"]] for one in points],
        "words": {
            "said": _("预测（%）"),
            "happened": _("实际（%）"),
            "rows": _("条"),
            "perfect": _("完全相符"),
        },
    }


def _parts(head: reports.ChanceHead) -> list[tuple[str, dict[str, Any]]]:
    names = {"counted": _("计数"), "calibrated": _("校准"), "held_out": _("检验")}
    return [(word, head.figures["parts"][key]) for key, word in names.items()]


def _learned(viewer: Viewer, model: Model) -> list[dict[str, Any]]:
    """A feature each, the widest reach first: its bins with counts and how they multiply the odds."""
    places, found = places_of(model.features), []
    for one, seen in reports.counts_seen(viewer.scope, model):
        bins = [
            {
                "name": bin_words(one, b.name, places),
                "yes": b.yes,
                "no": b.no,
                "times": times(adds),
                "up": adds > 0,
            }
            for b, adds in seen
            if b.yes + b.no
        ]
        reach = [adds for b, adds in seen if b.yes + b.no] or [0.0]
        if bins:
            found.append({"title": _(one.feature.title), "bins": bins, "reach": max(reach) - min(reach)})
    return sorted(found, key=lambda row: -row["reach"])


def _score(value: float) -> str:
    return f"{value:.{_SCORES}f}"
