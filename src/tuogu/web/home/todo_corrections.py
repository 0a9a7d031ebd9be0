"""What completing customers' data asks of the viewer: calls to make, lists to sign, lists for IT, scripts to approve.

In: a viewer. Out: ToDo lines. Never: a list offered for signature to who collected it, a programme without a customer of the
viewer's.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.corrections import queries as corrections
from tuogu.corrections.queries import BatchHead
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import moment, num, short_day
from tuogu.web.viewer import Viewer


def return_visits(viewer: Viewer) -> Iterator[ToDo]:
    """S0-06: open programmes on whose list somebody was not called yet."""
    if not viewer.may("corrections:desk"):
        return
    for head in corrections.programmes(viewer.scope):
        left = head.size - head.visited
        if not head.open_on(viewer.today) or left <= 0:
            continue
        yield ToDo(
            icon="phone", title=_("回访“%(name)s”还有 %(n)s 位没有联系") % {"name": head.name, "n": num(left)},
            text=_("名单 %(size)s 位，话术“%(script)s”") % {"size": num(head.size), "script": head.script_label},
            due=head.last_date, due_words="", url=link(viewer, "corrections:desk", head.id), action=_("去回访"),
        )  # fmt: skip


def lists_to_sign(viewer: Viewer) -> Iterator[ToDo]:
    """S0-07: frozen lists of changes that wait for a signature which the viewer may give."""
    if not viewer.may("corrections:sign", "POST"):
        return
    for head in _batches(viewer, "awaiting"):
        if head.made_by != viewer.person:
            yield _line(viewer, head, _("更改清单 %(id)s 等你签名"), _("签名"))


def lists_to_apply(viewer: Viewer) -> Iterator[ToDo]:
    """S0-07: signed lists that IT has not applied yet."""
    if not viewer.may("corrections:apply", "POST"):
        return
    for head in (*_batches(viewer, "signed"), *_batches(viewer, "with_it")):
        yield _line(viewer, head, _("更改清单 %(id)s 已签名，等你更改"), _("办理"))


def lists_to_file(viewer: Viewer) -> Iterator[ToDo]:
    """S0-07: applied lists whose copy operations have not filed yet."""
    if not viewer.may("corrections:file_copy", "POST"):
        return
    for head in _batches(viewer, "applied"):
        yield _line(viewer, head, _("更改清单 %(id)s 已更改，等你备档"), _("备档"))


def scripts_made(viewer: Viewer) -> Iterator[ToDo]:
    """Versions of the script that another person wrote; nobody may call by them before."""
    if not viewer.may("corrections:approve_script", "POST"):
        return
    for script in corrections.scripts():
        if script.approved_by is None and script.made_by != viewer.person:
            title = _("话术“%(label)s”等你核准") % {"label": script.label}
            when = _("拟 %(day)s 生效") % {"day": short_day(script.effective_date)}
            url = link(viewer, "corrections:script", script.id)
            yield ToDo("message", title, _("核准之前不能用于回访"), None, when, url, _("核对"))


def _batches(viewer: Viewer, state: str) -> list[BatchHead]:
    return corrections.batches(
        viewer.scope, viewer.rulebook, at=viewer.now, state=state, person=viewer.person
    )


def _line(viewer: Viewer, head: BatchHead, title: str, action: str) -> ToDo:
    since = moment(head.steps[-1].at if head.steps else head.made_at)
    text = _("%(rows)s 项更正，%(at)s 起等待") % {"rows": num(head.rows), "at": since}
    late = _("已超过期限") if head.overdue else ""
    url = link(viewer, "corrections:batch", head.id)
    return ToDo(
        "edit", title % {"id": head.id}, text, viewer.today if head.overdue else None, late, url, action
    )
