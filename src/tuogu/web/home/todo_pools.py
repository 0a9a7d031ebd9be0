"""What the pools ask of the viewer: claimed pieces that go back unless somebody follows up.

In: a viewer. Out: ToDo lines. Never: a piece of somebody out of scope.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.org.rights import Right
from tuogu.pools import queries as pools
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import num
from tuogu.web.viewer import Viewer


def going_back(viewer: Viewer) -> Iterator[ToDo]:
    """P-09: one line, with the nearest day."""
    if not viewer.can(Right.KEEP_POOLS, Right.CLAIM):
        return
    rows = pools.warned(viewer.scope, pools.PoolRules.of(viewer.rulebook), viewer.today)
    if rows:
        yield ToDo(
            icon="inbox", title=_("认领件 %(n)s 件将退回公共池") % {"n": num(len(rows))},
            text=_("再不跟进，到日自动退回；联系客户后记下即可"), due=rows[0].due_date, due_words="",
            url=link(viewer, "pools:claims"), action=_("查看"),
        )  # fmt: skip
