"""Refusals of the API as problem details (RFC 9457): Chinese title, English code.

In: a code. Out: a JSON answer. Never: a traceback, what was sent, a word that tells a number out of scope from an unknown
one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

MEDIA_TYPE = "application/problem+json"
TITLES: dict[str, tuple[int, Any]] = {  # code → status, title
    "bad_request": (400, _("请求读不懂")),
    "key_missing": (401, _("没有密钥，或密钥无效、过期、不得从此处使用")),
    "right_missing": (403, _("这把密钥没有此项权限")),
    "not_found": (404, _("没有这一项，或不在密钥的范围内")),
    "method_not_allowed": (405, _("此地址不支持这种方法")),
    "key_reused": (409, _("同一幂等键已用于另一内容；没有写入任何数据")),
    "in_progress": (409, _("同一请求还在处理；没有写入任何数据")),
    "too_large": (413, _("请求太大；没有写入任何数据")),
    "invalid": (422, _("请求不符合接口说明；没有写入任何数据")),
    "refused": (422, _("未执行；没有写入任何数据")),
    "too_many_calls": (429, _("调用过于频繁")),
    "too_many_looks": (429, _("今天的未脱敏读取次数已用完")),
    "failed": (500, _("程序出错；没有写入任何数据")),
}


def problem(
    code: str,
    *,
    detail: str = "",
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """The answer of a refusal. errors: where (pointer) and what (code)."""
    status, title = TITLES[code]
    with override("zh-hans"):
        body: dict[str, Any] = {
            "type": f"urn:tuogu:problem:{code}",
            "title": str(title),
            "status": status,
            "code": code,
        }
    body |= {"detail": detail} if detail else {}
    body |= {"errors": list(errors)} if errors else {}
    text = json.dumps(body, ensure_ascii=False)
    return HttpResponse(text, status=status, content_type=MEDIA_TYPE, headers=dict(headers or {}))
