"""A new plan: asked for here, made by a worker, followed by its progress row.

In: the day, seed and effort. Out: a job. Never: a plan made inside a request, a change of custody.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django import forms
from django.contrib import messages
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from tuogu.books import queries as books
from tuogu.core.plan import DEFAULT_EFFORT
from tuogu.core.strategies import STRATEGIES, TERRITORY, Option, Strategy, StrategyError
from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.plans import queries as plans
from tuogu.rules import queries as rules
from tuogu.web.paging import FIRST_DAY, LAST_DAY
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import ViewerRequest

_SHOWN = 3  # jobs done, beside the open ones
_RECENT = timedelta(hours=1)
_LOOKED_AT = 50  # newest jobs, as many as the page of jobs lists
_SEED = 7


class NewPlan(forms.Form):
    """What a plan is made from beside the stored books."""

    as_of = forms.DateField(
        label=gettext_lazy("基准日"), validators=[MinValueValidator(FIRST_DAY), MaxValueValidator(LAST_DAY)]
    )
    seed = forms.IntegerField(label=gettext_lazy("随机种子"), min_value=0, max_value=2**31)
    effort = forms.IntegerField(label=gettext_lazy("求解力度（搜索步数）"), min_value=0, max_value=10**10)
    strategy = forms.ChoiceField(
        label=gettext_lazy("分配方式"), choices=[(s, s) for s in STRATEGIES], required=False
    )
    rulebook = forms.ChoiceField(label=gettext_lazy("制度版本"), required=False)
    afresh = forms.BooleanField(label=gettext_lazy("不沿用已批准方案的责任人与识别码"), required=False)

    def __init__(self, *args: Any, rulebooks: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rulebook"].choices = rulebooks  # type: ignore[attr-defined]  # a ChoiceField

    def clean_strategy(self) -> str:
        """Territories where nothing is chosen."""
        return self.cleaned_data["strategy"] or TERRITORY.name


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """GET shows the form, filled from another plan with ?from=; POST asks for the job."""
    viewer = request.viewer
    refused: StrategyError | None = None
    rulebooks = _rulebooks(viewer.today)
    if request.method == "POST":
        form = NewPlan(request.POST, rulebooks=rulebooks)
        options = options_given(request)
        refused = _refused(form, options) if form.is_valid() else None
        if form.is_valid():
            _ask(request, form.cleaned_data, options)
            return redirect("plans:list")
    else:
        form = NewPlan(initial=_initial(request), rulebooks=rulebooks)
    context = {
        "form": form,
        "data_date": books.latest_data_date(),
        "approved": plans.latest_approved(scope=viewer.scope),
        "today": viewer.today,
        "strategies": [(strategy, fields_of(strategy, request)) for strategy in STRATEGIES.values()],
        "chosen": form["strategy"].value(),
        "rulebooks": rulebooks,
        "rulebook": form["rulebook"].value() or "",
        "wrong_field": f"{form['strategy'].value()}.{refused.option}" if refused and refused.option else "",
        "wrong": refused,
    }
    return render(request, "plans/new.html", context, status=400 if form.errors else 200)


@require_safe
def waiting(request: ViewerRequest) -> HttpResponse:
    """The viewer's plans in the making and those just made: a fragment that asks again while one is open."""
    viewer = request.viewer
    found = jobs.jobs(viewer.person, kind="plan", limit=_LOOKED_AT)
    waiting = [job for job in found if job.open]
    done = [job for job in found if job.finished_at]
    recent = [job for job in done if job.finished_at and job.finished_at > viewer.now - _RECENT][:_SHOWN]
    rows = [{"job": job, "seconds": job.seconds(viewer.now)} for job in [*waiting, *recent]]
    still_open = bool(waiting)
    at_new = request.GET.get("at") == "new"
    context = {
        "rows": rows,
        "open": still_open,
        "rest": len(done) - len(recent),
        "at_new": at_new,
        "back": reverse("plans:new" if at_new else "plans:list"),
    }
    answer = render(request, "plans/_making.html", context)
    if request.GET.get("again") and not still_open:
        answer.headers["HX-Refresh"] = "true"  # the register below now holds one plan more
    return answer


def _rulebooks(today: date) -> list[tuple[str, str]]:
    """The version in force on the plan's day, and those adopted for a later day, by which a plan is a what-if (N-04)."""
    later = [
        a.rulebook for a in rules.history() if a.rulebook.effective_date > today and a.adopted_at is not None
    ]
    said = _("制度 %(version)s，%(day)s 起施行")
    named = [(b.version, said % {"version": b.version, "day": b.effective_date}) for b in later]
    return [("", _("基准日施行的版本")), *named]


def _initial(request: ViewerRequest) -> dict[str, Any]:
    source = request.GET.get("from", "")
    if not source.isdecimal():
        strategy = request.GET.get("strategy", TERRITORY.name)
        chosen = strategy if strategy in STRATEGIES else TERRITORY.name
        return {"as_of": request.viewer.today, "seed": _SEED, "effort": DEFAULT_EFFORT, "strategy": chosen}
    head = head_or_404(request.viewer, int(source))
    return {"as_of": head.as_of, "seed": head.seed + 1, "effort": head.effort, "strategy": head.strategy}


def options_given(request: ViewerRequest) -> dict[str, str]:
    """The options of the chosen strategy, as its fields are named on the page."""
    strategy = STRATEGIES.get(request.POST.get("strategy", ""), TERRITORY)
    named = {
        option.name: request.POST.get(f"{strategy.name}.{option.name}", "") for option in strategy.options
    }
    return {name: value.strip() for name, value in named.items() if value.strip()}


def fields_of(strategy: Strategy, request: ViewerRequest) -> list[tuple[Option, str]]:
    """Each option of a strategy with what is chosen now: as sent, as a link filled it in, as in the plan it
    starts from, or the default."""
    source = request.GET.get("from", "")
    before = head_or_404(request.viewer, int(source)) if source.isdecimal() else None
    given = before.options if before is not None and before.strategy == strategy.name else {}
    return [
        (
            option,
            request.POST.get(f"{strategy.name}.{option.name}")
            or request.GET.get(f"{strategy.name}.{option.name}")
            or given.get(option.name)
            or option.default,
        )
        for option in strategy.options
    ]


def _refused(form: NewPlan, options: dict[str, str]) -> StrategyError | None:
    """What the strategy says against these options, which makes the form invalid; None where it takes them."""
    try:
        STRATEGIES[form.cleaned_data["strategy"]].settled(options)
    except StrategyError as refused:
        form.add_error("strategy", str(refused))
        return refused
    return None


def _ask(request: ViewerRequest, asked: dict[str, Any], options: dict[str, str]) -> None:
    day: date = asked["as_of"]
    strategy = STRATEGIES[asked["strategy"]]
    title = _("%(what)s %(day)s，种子 %(seed)s") % {
        "what": _(strategy.label), "day": day, "seed": asked["seed"],
    }  # fmt: skip
    work.ask(
        kind="plan", title=title, by=request.viewer.person, at=request.viewer.now,
        arguments={
            "as_of": day.isoformat(), "seed": asked["seed"], "effort": asked["effort"], "afresh": asked["afresh"],
            "city": "", "strategy": asked["strategy"], "options": options, "rulebook": asked["rulebook"],
        },
    )  # fmt: skip
    said = _("已排队生成 %(title)s；生成后须另一人审批才会生效，现在没有任何变动。")
    messages.success(request, said % {"title": title})
