"""What the notices of leavers ask of the viewer: the red list, messages of which nobody knows, wishes of others.

In: a viewer. Out: ToDo lines. Never: a decision offered to who asked for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.notices import queries as notices
from tuogu.web.home.links import link
from tuogu.web.notices.words import table
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import moment, num
from tuogu.web.viewer import Viewer


def wordings_drafted(viewer: Viewer) -> Iterator[ToDo]:
    """N-07: wordings that another person drafted; until somebody agrees the ones before stay in use."""
    if not viewer.may("notices:decide_wording", "POST"):
        return
    for version in notices.wordings_waiting(viewer.person):
        title = _("告知文本“%(channel)s”第 %(n)s 版等你复核") % {
            "channel": table("channel")[version.channel], "n": version.version,
        }  # fmt: skip
        when = _("%(at)s 提出") % {"at": moment(version.drafted_at)}
        url = link(viewer, "notices:wordings", channel=version.channel)
        yield ToDo("file-text", title, _("同意之前仍用现行文本"), None, when, url, _("复核"))


def leavers_notices(viewer: Viewer) -> Iterator[ToDo]:
    """N-07: whoever reads the notices sees the red list at home; whoever decides, what waits for a second person."""
    if not viewer.may("notices:red"):
        return
    decider = viewer.person if viewer.may("notices:decide_waiver", "POST") else None
    counts = notices.view_counts(viewer.scope, viewer.today, viewer.rulebook, decider=decider)
    if counts["red"]:
        yield ToDo(
            icon="mail", title=_("离职告知红名单 %(n)s 件") % {"n": num(counts["red"])},
            text=_("到期没有凭证，或联系不上投保人"), due=viewer.today, due_words="",
            url=link(viewer, "notices:red"), action=_("处理"),
        )  # fmt: skip
    if counts["warned"] and viewer.may("notices:prepare", "POST"):
        yield ToDo(
            icon="mail", title=_("离职告知将到期 %(n)s 件") % {"n": num(counts["warned"])},
            text=_("十天内到期，还没有凭证"), due=None, due_words=_("十天以内"),
            url=link(viewer, "notices:cases", view="warned"), action=_("去告知"),
        )  # fmt: skip
    if asked := counts.get("asked"):
        yield ToDo(
            icon="gavel", title=_("免告知申请 %(n)s 件，等你复核") % {"n": num(asked)},
            text=_("同意之前仍在红名单上"), due=None, due_words=_("待复核"), url=link(viewer, "notices:red"),
            action=_("复核"),
        )  # fmt: skip
