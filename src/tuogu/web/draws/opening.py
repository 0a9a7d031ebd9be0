"""A new draw: a list from a campaign or reclaim plan, or one that the clerk brings, announced under pseudonyms.

In: the list, how many, what for. Out: a draw that waits for two parties; the pseudonym key, shown once; for all lists of a
plan at once as many draws. Never: the key kept on this side, a list with a number that the books do not know or the scope
does not show, another count than the plan's without a word of assent (a draw is not to be taken back).
"""

from __future__ import annotations

import re
import secrets
import tempfile
from pathlib import Path
from typing import Any

import polars as pl
from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from tuogu.core.standardise_text import identifier, normal, printable
from tuogu.files.number_list import read_numbers
from tuogu.files.refusal import FileRefused
from tuogu.ledger.kinds import SubjectKind
from tuogu.plans import actions
from tuogu.plans import queries as plans
from tuogu.web.paging import id_of
from tuogu.web.plans.visible import head_or_404
from tuogu.web.viewer import ViewerRequest

KEY_BYTES = 32
_BETWEEN = re.compile(r"[\s,;\uff0c\uff1b\u3001]+")  # and the three commas of Chinese
_PASTED_MAX = 2_000_000  # characters: more comes as a file
_PLANS_SHOWN = 20
KINDS = (
    (SubjectKind.CUSTOMER.value, gettext_lazy("客户号")),
    (SubjectKind.POLICY.value, gettext_lazy("保单号")),
)


class ListRefused(ValueError):
    """The list cannot be drawn from as it stands; the message says why."""


class NewDraw(forms.Form):
    """What is announced beside the list."""

    draw_id = forms.CharField(max_length=64, strip=True)
    purpose = forms.CharField(max_length=200, strip=True)
    count = forms.IntegerField(min_value=1, max_value=10**7)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: ViewerRequest) -> HttpResponse:
    """GET shows the form, with ?plan= the lists of that plan; POST opens the draw and shows the key once."""
    source = _source(request)
    lists = plans.draw_lists(source.id, request.viewer.scope) if source else []
    chosen = _chosen(request, lists)
    form, refusal = NewDraw(request.POST or None, initial={"count": chosen and chosen.count}), ""
    if request.method == "POST":
        try:
            if source and "every" in request.POST:
                return _all_opened(request, source, lists)
            return _opened(request, form, source, chosen)
        except (ListRefused, FileRefused, actions.PlanRefused) as refused:
            refusal = str(refused)
    heads = [h for h in plans.plan_heads(request.viewer.scope) if h.strategy in plans.DRAW_SOURCES]
    context = {
        "form": form,
        "refusal": refusal,
        "source": source,
        "lists": [(one, _value(one)) for one in lists],
        "every": _for_every(lists),
        "other_count": _other_count(form, chosen) if refusal else False,
        "plans": heads[:_PLANS_SHOWN],
        "kinds": KINDS,
        "kind": request.POST.get("kind", KINDS[0][0]),
        "chosen": chosen,
        "chosen_value": request.POST.get("list") or (_value(chosen) if chosen else ""),
        "every_prefix": request.POST.get("draw_id", "") if "every" in request.POST else "",
        "every_purpose": request.POST.get("purpose", "") if "every" in request.POST else "",
        "numbers": request.POST.get("numbers", ""),
        "column": request.POST.get("column", ""),
    }
    return render(request, "draws/new.html", context, status=400 if refusal else 200)


def _source(request: ViewerRequest) -> plans.PlanHead | None:
    """The plan whose lists are offered; 404 for one out of scope."""
    plan = id_of(request.GET.get("plan", ""))
    return None if plan is None else head_or_404(request.viewer, plan)


def _value(one: plans.DrawList) -> str:
    """How the form names a list."""
    return f"{one.department}|{one.part}"


def _chosen(request: ViewerRequest, lists: list[plans.DrawList]) -> plans.DrawList | None:
    """The list that the form or the address names, else the first."""
    asked = request.POST.get("list") or request.GET.get("list")
    first = lists[0] if lists and not asked else None
    return next((one for one in lists if _value(one) == asked), first)


def _other_count(form: NewDraw, chosen: plans.DrawList | None) -> bool:
    """Whether another count is asked for than the plan says."""
    if chosen is None or chosen.count is None or not form.is_valid():
        return False
    return bool(form.cleaned_data["count"] != chosen.count)


def _for_every(lists: list[plans.DrawList]) -> list[plans.DrawList]:
    """The lists of which the plan says how many to draw; none where it draws none."""
    return [one for one in lists if one.count]


def _all_opened(request: ViewerRequest, source: plans.PlanHead, lists: list[plans.DrawList]) -> HttpResponse:
    """A draw for each list of the plan, all or none, each with a key of its own: the page that shows the keys."""
    viewer, wanted = request.viewer, _for_every(lists)
    prefix, purpose = (request.POST.get(name, "").strip() for name in ("draw_id", "purpose"))
    if not wanted or not prefix or not purpose:
        raise ListRefused(_("请填写编号前缀和用途；方案须写明每份名单抽几个。"))
    kind, asked = SubjectKind.CUSTOMER.value, []
    for one, code in zip(wanted, _codes(prefix, wanted), strict=True):
        numbers = plans.draw_list(source.id, viewer.scope, one.department, one.part)
        checked = NewDraw({"draw_id": code, "purpose": purpose, "count": one.count})
        if not checked.is_valid():
            raise ListRefused(_("编号 %(code)s 或用途太长。") % {"code": code})
        managed_by = plans.managing(numbers, viewer.scope, kind=kind)
        key = secrets.token_bytes(KEY_BYTES)
        asked.append(actions.Announced(code, numbers, checked.cleaned_data["count"], key, managed_by))
    rows = actions.open_draws(asked, kind=kind, purpose=purpose, by=viewer.person, at=viewer.now)
    opened = [
        (plans.draw_head(row, viewer.scope), one.key.hex()) for row, one in zip(rows, asked, strict=True)
    ]
    return render(request, "draws/opened.html", {"opened": opened})


def _codes(prefix: str, lists: list[plans.DrawList]) -> list[str]:
    """<prefix>-<department>; with the part of a department that has several lists."""
    several = {
        one.department for i, one in enumerate(lists) if one.department in {o.department for o in lists[:i]}
    }
    return [
        f"{prefix}-{one.department}" + (f"-{one.part}" if one.department in several else "") for one in lists
    ]


def _opened(
    request: ViewerRequest, form: NewDraw, source: plans.PlanHead | None, chosen: plans.DrawList | None
) -> HttpResponse:
    """The page that shows the key of the draw just opened."""
    viewer = request.viewer
    if not form.is_valid():
        raise ListRefused(_("请填写抽取编号、用途，以及抽几个（至少一个）。"))
    if _other_count(form, chosen) and "other_count" not in request.POST:
        told = _(
            "方案写明应抽 %(due)s 个，填的是 %(count)s 个。发起后不能更改：确要不同的数，请勾选确认后再公布。"
        )
        due = chosen.count if chosen else None
        raise ListRefused(told % {"due": due, "count": form.cleaned_data["count"]})
    kind = SubjectKind.CUSTOMER.value if source else request.POST.get("kind", "")
    if kind not in dict(KINDS):
        raise ListRefused(_("请选择名单里是客户号还是保单号。"))
    numbers = _of_plan(request, source) if source else _brought(request)
    key = secrets.token_bytes(KEY_BYTES)
    said: dict[str, Any] = form.cleaned_data
    row = actions.open_draw(
        numbers, kind=kind, key=key, institution_codes=plans.managing(numbers, viewer.scope, kind=kind),
        by=viewer.person, at=viewer.now, **said,
    )  # fmt: skip
    return render(request, "draws/opened.html", {"opened": [(plans.draw_head(row, viewer.scope), key.hex())]})


def _of_plan(request: ViewerRequest, source: plans.PlanHead) -> pl.Series:
    department, _bar, part = request.POST.get("list", "").partition("|")
    return plans.draw_list(source.id, request.viewer.scope, department, part)


def _brought(request: ViewerRequest) -> pl.Series:
    """The numbers pasted or uploaded, never both."""
    file, pasted = request.FILES.get("file"), request.POST.get("numbers", "").strip()
    if bool(file) == bool(pasted):
        raise ListRefused(_("请粘贴名单，或上传一个文件，二者选一。"))
    return _uploaded(file, request.POST.get("column", "").strip()) if file else _pasted(pasted)


def _pasted(text: str) -> pl.Series:
    if len(text) > _PASTED_MAX:
        raise ListRefused(_("粘贴的名单太长，请改为上传文件。"))
    words = pl.DataFrame({"word": [word for word in _BETWEEN.split(text) if word]})
    read = identifier(normal(printable(pl.col("word"))))
    rows = words.select("word", number=read.value)
    bad = rows.filter(pl.col("number").is_null())
    if bad.height:
        said = _("有 %(n)s 个不是完整的号码，例如 %(word)s。")
        raise ListRefused(said % {"n": bad.height, "word": bad["word"][0]})
    return rows["number"]


def _uploaded(file: UploadedFile[bytes], column: str) -> pl.Series:
    """The numbers of a file, which is gone when they are read."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"list{Path(file.name or '').suffix.lower()}"
        with path.open("wb") as kept:
            kept.writelines(file.chunks())
        try:
            return read_numbers(path, column)
        except FileRefused as refused:
            if refused.reason_code == "no_column" and not column:
                raise ListRefused(_("文件有不止一列，请写明哪一列是号码。")) from None
            raise
