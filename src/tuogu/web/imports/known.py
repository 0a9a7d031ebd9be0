"""Header mappings that are remembered: seen, and forgotten.

In: a request. Out: a page. Never: a mapping changed here (that is done with a file, where samples show what it does).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.jobs import actions as work
from tuogu.jobs import queries as jobs
from tuogu.org import queries as org
from tuogu.web.viewer import ViewerRequest


@dataclass(frozen=True)
class ShownKnown:
    """One remembered set: pairs (as written, what it is taken for; "" = not used)."""

    known: jobs.KnownMapping
    sheets: tuple[tuple[str, str], ...]
    columns: tuple[tuple[str, str, str], ...]  # kind, header, title


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """Everything that is remembered."""
    found = [_shown(known) for known in jobs.known_mappings()]
    names = org.names({row.known.by for row in found})
    return render(request, "imports/known.html", {"rows": found, "names": names})


def _shown(known: jobs.KnownMapping) -> ShownKnown:
    sheets = tuple((name, SHEET_TITLES.get(kind, "")) for name, kind in known.mapping.kinds.items())
    columns = tuple(
        (SHEET_TITLES.get(kind, kind), header, TITLES.get(kind, {}).get(column, ""))
        for kind, mapped in known.mapping.columns.items()
        for header, column in mapped.items()
    )
    return ShownKnown(known, sheets, columns)


@require_POST
def forget(request: ViewerRequest, mapping_id: int) -> HttpResponse:
    """The next file with these headers is asked about again."""
    if work.forget_mapping(mapping_id):
        messages.success(
            request, _("已忘记这组对应：下次遇到相同表头会再请人指定，已入库的数据不变；重新指定一次即恢复。")
        )
    else:
        messages.warning(request, _("这组对应已不在；没有写入任何数据。"))
    return redirect("imports:known")
