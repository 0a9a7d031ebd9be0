"""Which stored field is of which class (L-05), as the rooms themselves file them."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from tuogu.privacy.filing import CLASSES, filing
from tuogu.web.viewer import ViewerRequest


@require_safe
def classes(request: ViewerRequest) -> HttpResponse:
    """Every room with its fields by class; `class` narrows to one."""
    wanted = request.GET.get("class", "")
    rooms = [
        {
            "room": room,
            "counts": [room.counts.get(code, 0) for code in CLASSES],
            "fields": [field for field in room.fields if field.filed == wanted],
        }
        for room in filing()
    ]
    context = {
        "rooms": rooms,
        "classes": [(code, _(words)) for code, words in CLASSES.items()],
        "totals": [sum(room["room"].counts.get(code, 0) for room in rooms) for code in CLASSES],  # type: ignore[attr-defined]  # a RoomFiling
        "chosen": wanted if wanted in CLASSES else "",
    }
    return render(request, "system/classes.html", context)
