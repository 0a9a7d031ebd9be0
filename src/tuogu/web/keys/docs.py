"""What the API says, as a page of our own: made from the OpenAPI document, without a script or a host of somebody else.

In: the document. Out: tables. Never: a second description (only the words for each operation stand here, to be translated).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from tuogu.integration import queries as machines
from tuogu.web.api.application import api
from tuogu.web.api.problems import TITLES
from tuogu.web.permissions import rule_of
from tuogu.web.viewer import ViewerRequest

WORDS: dict[str, Any] = {
    "push_policies": _("推送保单（主险和附加险），没有送来的行保持不变"),
    "push_customers": _("推送客户，先于引用他们的保单"),
    "push_motor": _("推送车险保单，先推送车主"),
    "push_people": _("推送人员；有离司日期的，名下全部转入保全组"),
    "push_institutions": _("推送机构，上级与下级可同批"),
    "push_events": _("推送事件：离职、保单失效、恢复或终止"),
    "job": _("202 答复的推送做到哪里了；只能看自己密钥的"),
    "custody": _("责任人：一张保单，或某笔台账之后变动过的全部保单"),
    "history": _("一张保单的责任变更记录，新的在前"),
    "changes": _("台账变动，按登记次序，只含已封印的"),
    "customer": _("一位客户，脱敏；经另一人批准的密钥读到明文，每次留痕"),
    "holdings": _("一位人员现在名下的件数"),
    "plans": _("已批准方案的下发日程"),
    "notices": _("尚未告知的离职告知案件"),
}


@dataclass(frozen=True)
class Parameter:
    """One parameter or field: its name, where it stands, its type, whether it must be there."""

    name: str
    where: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class Operation:
    """One operation."""

    method: str
    path: str
    words: str
    right: str
    parameters: list[Parameter]
    fields: list[Parameter]
    answers: list[str]


@require_safe
def docs(request: ViewerRequest) -> HttpResponse:
    """The page."""
    document = api.get_openapi_schema()
    operations = [
        _operation(document, path, method, operation)
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    codes = [(status, code, title) for code, (status, title) in TITLES.items()]
    return render(request, "keys/docs.html", {"operations": operations, "codes": codes})


def _operation(document: dict[str, Any], path: str, method: str, found: dict[str, Any]) -> Operation:
    name = found["operationId"]
    right = rule_of(f"api:{name}").machine
    parameters = [
        Parameter(p["name"], p["in"], _kind(document, p["schema"]), p.get("required", False), "")
        for p in found.get("parameters", [])
    ]
    body = found.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return Operation(
        method.upper(), path, str(WORDS[name]), machines.LABELS[right] if right else "", parameters,
        _fields(document, body), sorted(map(str, found["responses"])),
    )  # fmt: skip


def _fields(document: dict[str, Any], schema: dict[str, Any], prefix: str = "") -> list[Parameter]:
    """The fields of a body, those of its rows below them."""
    schema = _resolved(document, schema)
    found = []
    for name, field in schema.get("properties", {}).items():
        required = name in schema.get("required", [])
        found.append(
            Parameter(prefix + name, "body", _kind(document, field), required, field.get("description", ""))
        )
        for item in _choices(document, _resolved(document, field).get("items", {})):
            found += _fields(document, item, f"{prefix}{name}[].")
    return found


def _choices(document: dict[str, Any], schema: dict[str, Any]) -> list[dict[str, Any]]:
    schema = _resolved(document, schema)
    return [_resolved(document, one) for one in schema.get("oneOf", [schema] if schema else [])]


def _kind(document: dict[str, Any], schema: dict[str, Any]) -> str:
    schema = _resolved(document, schema)
    several = schema.get("anyOf") or schema.get("oneOf")
    if several:
        kinds = [_kind(document, one) for one in several]
        return " | ".join(dict.fromkeys(kinds))
    if "const" in schema:
        return str(schema["const"])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    return str(schema.get("format") or schema.get("type", ""))


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    reference = schema.get("$ref", "")
    if not reference:
        return schema
    found: dict[str, Any] = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found
