"""What transfers asked for by hand ask of the viewer: agree or refuse, confirm an undo.

In: a viewer. Out: ToDo lines. Never: a decision offered to who asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.org import queries as org
from tuogu.transfers import queries as transfers
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import moment, num
from tuogu.web.viewer import Viewer


def transfers_asked(viewer: Viewer) -> Iterator[ToDo]:
    """Requests, and wishes to take one back, that wait for another person than who asked."""
    if not (viewer.may("transfers:decide", "POST") or viewer.may("transfers:undo", "POST")):
        return
    waiting = [
        asked for asked in transfers.waiting(viewer.scope, viewer.person) if asked.last.by != viewer.person
    ]
    called = (
        org.known_as({i for asked in waiting for i in (asked.last.by, asked.receiver)}) if waiting else {}
    )
    for asked in waiting:
        undo = asked.undo_waits
        if not viewer.may("transfers:undo" if undo else "transfers:decide", "POST"):
            continue
        facts = {"n": num(asked.rows), "to": called[asked.receiver].name}
        title = (
            _("撤销把 %(n)s 件交给 %(to)s 的调整，等你确认") if undo else _("%(n)s 件调整给 %(to)s，等你复核")
        )
        yield ToDo(
            icon="arrow-back-up" if undo else "arrows-exchange",
            title=title % facts,
            text=_("%(who)s：%(reason)s") % {"who": called[asked.last.by].name, "reason": asked.last.reason},
            due=None,
            due_words=_("%(at)s 提出") % {"at": moment(asked.last.at)},
            url=link(viewer, "transfers:record", asked.id),
            action=_("核对"),
        )
