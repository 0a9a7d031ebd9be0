"""Every other file that may be sent in, on one page: what it is for, where it goes, its template.

In: a request. Out: a page; templates to fetch. Never: a file taken in here (each room judges its own).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import FileResponse, Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from tuogu.files.other_templates import TEMPLATES, write_other_template
from tuogu.web.viewer import Viewer, ViewerRequest

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class _Upload:
    """`template` '' = there is none, or the room makes one of its own rows. `asked`: URL name and method of sending."""

    icon: str
    title: Any
    what: Any
    where: Any
    url_name: str
    asked: str
    template: str = ""


_UPLOADS = (
    _Upload(
        "gauge", gettext_lazy("考核指标"), gettext_lazy("参会率、保费等月度指标，人员和部门都可以；更正时另报一行。"),
        gettext_lazy("与保单工作簿同一个入口，先试导入"), "imports:new", "imports:new POST", "facts",
    ),
    _Upload(
        "brand-wechat", gettext_lazy("企微联系人"), gettext_lazy("哪位员工加了哪位客户的企业微信；导入不改变责任人。"),
        gettext_lazy("离职告知 › 企微转接"), "notices:contacts", "notices:import_contacts POST", "contacts",
    ),
    _Upload(
        "mail-check", gettext_lazy("信函回执"), gettext_lazy("告知信的快递单号、寄出和签收日期。"),
        gettext_lazy("离职告知 › 信函"), "notices:letters", "notices:letter_receipts POST", "receipts",
    ),
    _Upload(
        "map-pin", gettext_lazy("地址编码簿变更"),
        gettext_lazy("社区新增、拆分、合并、更名、停用；另一人批准后成为新版本。"),
        gettext_lazy("地址 › 编码簿变更"), "regions:new_change", "regions:new_change POST", "codebook",
    ),
    _Upload(
        "map-2", gettext_lazy("片区边界"), gettext_lazy("GeoJSON 文件，一个面一个片区；各面的“名称”属性就是片区名。"),
        gettext_lazy("地址 › 片区"), "regions:zones", "regions:import_zones POST",
    ),
    _Upload(
        "arrows-exchange", gettext_lazy("方案的手工调整表"),
        gettext_lazy("哪一件改由谁接收、为什么；一行不能用，全表都不调整。"),
        gettext_lazy("分配 › 方案 › 调整；那里也能下载填好现状的表"), "plans:list", "plans:adjust_upload POST",
        "adjustments",
    ),
    _Upload(
        "ticket", gettext_lazy("抽签名单"), gettext_lazy("一列号码；登记后名单不能再改。"),
        gettext_lazy("分配 › 抽签 › 登记"), "draws:new", "draws:new POST", "numbers",
    ),
)  # fmt: skip


@dataclass(frozen=True)
class ShownUpload:
    """One line of the page. `url` '' = this post may look, not send."""

    icon: str
    title: Any
    what: Any
    where: Any
    url: str
    template: str
    columns: tuple[str, ...]


@require_safe
def listing(request: ViewerRequest) -> HttpResponse:
    """All of them; what this post may not send is told, not linked."""
    return render(request, "imports/others.html", {"rows": [_shown(u, request.viewer) for u in _UPLOADS]})


def _shown(upload: _Upload, viewer: Viewer) -> ShownUpload:
    name, _space, method = upload.asked.partition(" ")
    may = viewer.may(name, method) and viewer.may(upload.url_name)
    columns = tuple(c.title for c in TEMPLATES[upload.template][1]) if upload.template else ()
    return ShownUpload(
        upload.icon, upload.title, upload.what, upload.where, reverse(upload.url_name) if may else "",
        reverse("imports:other_template", args=[upload.template]) if upload.template else "", columns,
    )  # fmt: skip


@require_safe
def template(request: ViewerRequest, name: str) -> FileResponse:
    """An empty sheet with one example row, which its reader passes over."""
    if name not in TEMPLATES:
        raise Http404
    file = write_other_template(name, created=request.viewer.now)
    said = _("模板-%(title)s.xlsx") % {"title": TEMPLATES[name][0]}
    return FileResponse(file, as_attachment=True, filename=said, content_type=XLSX)
