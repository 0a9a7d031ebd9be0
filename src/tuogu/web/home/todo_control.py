"""What control asks of the viewer: requests of data subjects, deletions, exports and rules that wait for a second person.

In: a viewer. Out: ToDo lines, one query each, none for what the post may not do. Never: a decision offered to who asked
for it.
"""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _

from tuogu.exports import queries as exports
from tuogu.integration import queries as machines
from tuogu.org.rights import Right
from tuogu.privacy import queries as privacy
from tuogu.regions import queries as regions
from tuogu.rules import drafts as rules
from tuogu.web.home.links import link
from tuogu.web.parts import ToDo
from tuogu.web.templatetags.tuogu import day, num
from tuogu.web.viewer import Viewer

_SUBMITTED = "submitted"


def subjects_requests(viewer: Viewer) -> Iterator[ToDo]:
    """L-07: what data subjects asked and nobody has answered; the answer is due by law."""
    if not viewer.can(Right.ANSWER_SUBJECTS):
        return
    open_ones, late = privacy.open_requests(viewer.scope, viewer.today)
    if not open_ones:
        return
    title = _("个人信息请求 %(n)s 件待办") % {"n": num(open_ones)}
    text = _("其中 %(n)s 件已过答复期限") % {"n": num(late)} if late else _("均在答复期限内")
    url = link(viewer, "privacy:home", view="overdue" if late else "open")
    yield ToDo("lock", title, text, viewer.today if late else None, "", url, _("办理"))


def erasures(viewer: Viewer) -> Iterator[ToDo]:
    """Deletions that another person proposed (L-07)."""
    if not viewer.can(Right.APPROVE_ERASURE):
        return
    if waiting := privacy.proposed_erasures(viewer.scope, decider=viewer.person):
        title = _("%(n)s 件个人信息删除，等你决定") % {"n": num(waiting)}
        text = _("同意后立即执行，不能撤销")
        yield ToDo("trash", title, text, None, _("待决定"), link(viewer, "privacy:home"), _("核对"))


def exports_asked(viewer: Viewer) -> Iterator[ToDo]:
    """N-13: exports that wait for a second person."""
    if not viewer.may("exports:decide", "POST"):
        return
    if waiting := exports.waiting_count(viewer.person, viewer.scope):
        title = _("%(n)s 份导出等你审批") % {"n": num(waiting)}
        text = _("同意之前不会生成文件")
        yield ToDo("file-download", title, text, None, _("待审批"), link(viewer, "exports:list"), _("审批"))


def keys_in_clear(viewer: Viewer) -> Iterator[ToDo]:
    """Keys of machines that would read personal data in clear and wait for a second person (L-05)."""
    if not viewer.may("keys:approve", "POST"):
        return
    if names := machines.clear_asked(viewer.scope, decider=viewer.person, at=viewer.now):
        title = _("%(n)s 把接口密钥申请读取明文，等你批准") % {"n": num(len(names))}
        text = _("密钥：%(names)s · 批准之前只读到脱敏资料") % {"names": _("、").join(names)}
        yield ToDo("key", title, text, None, _("待批准"), link(viewer, "keys:list"), _("核对"))


def rules_submitted(viewer: Viewer) -> Iterator[ToDo]:
    """N-09: versions of the rulebook that another person prepared."""
    if not viewer.can(Right.APPROVE_RULES):
        return
    for draft in rules.drafts(open_only=True):
        if draft.state == _SUBMITTED and draft.made_by != viewer.person:
            title = _("制度 %(version)s 等你核准") % {"version": draft.version}
            when = _("拟 %(day)s 生效") % {"day": day(draft.effective_date)}
            url = link(viewer, "rules:draft", draft.id)
            yield ToDo("adjustments", title, draft.reason, None, when, url, _("核对"))


def codebook_changes(viewer: Viewer) -> Iterator[ToDo]:
    """S0-10: changes to the code book that another person proposed."""
    if not viewer.can(Right.APPROVE_CODEBOOK):
        return
    for proposal in regions.proposals():
        if proposal.approved is None and proposal.by != viewer.person:
            when = _("拟 %(day)s 生效") % {"day": day(proposal.effective_date)}
            url = link(viewer, "regions:change", proposal.id)
            yield ToDo("book-2", _("地址编码簿变更等你核准"), proposal.document, None, when, url, _("核对"))
