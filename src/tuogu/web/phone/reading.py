"""What arrives as a record, from a form or from the outbox of a phone, read into `Said`.

In: fields as lists of texts, files. Out: `Said`. Never: a moment without its zone, a file that is not a picture, a
number taken from anywhere but its field; whether what is said is allowed, `work` judges.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest
from django.utils import timezone
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext as _

from tuogu.web.paging import FIRST_DAY, LAST_DAY
from tuogu.web.phone.words import CONDUCT, MARKS, SATISFACTION
from tuogu.work.failures import WorkRefused
from tuogu.work.kinds import Attitude, Kind, Outcome, Service
from tuogu.work.said import ANSWERS, CARD, Paper, Said

PICTURES = {b"\xff\xd8\xff": "image/jpeg", b"\x89PNG\r\n\x1a\n": "image/png", b"RIFF": "image/webp"}
CLOCK_GOES_WRONG = timedelta(minutes=2)  # beyond this the phone's clock is set right by the server's
_DATA_URL = re.compile(r"^data:image/[a-z]+;base64,")
_PLACE = {"lon": float, "lat": float, "accuracy_m": float}

Fields = MultiValueDict[str, str]


def fields_of(request: HttpRequest) -> Fields:
    """The fields of a form, or of JSON whose values are lists of texts. WorkRefused: neither."""
    if request.content_type != "application/json":
        return request.POST
    try:
        told = json.loads(request.body)
    except ValueError as broken:  # also text that is not UTF-8
        raise WorkRefused(_("内容读不出来；没有写入任何数据")) from broken
    if not isinstance(told, dict) or not all(
        isinstance(values, list) and all(isinstance(value, str) for value in values)
        for values in told.values()
    ):
        raise WorkRefused(_("内容读不出来；没有写入任何数据"))
    return MultiValueDict({str(name): [_text(value) for value in values] for name, values in told.items()})


def _text(value: str) -> str:
    """JSON may name halves of characters, which no database keeps."""
    try:
        value.encode()
    except UnicodeEncodeError as broken:
        raise WorkRefused(_("内容读不出来；没有写入任何数据")) from broken
    return value


def said_of(fields: Fields, files: MultiValueDict[str, UploadedFile], now: datetime) -> Said:
    """The record that these fields tell. WorkRefused where a moment, a place or a picture cannot be read."""
    kind, outcome = _one(fields, "kind"), _one(fields, "outcome")
    happened = _happened(fields, now)
    next_at = _local(_one(fields, "next_at"), _("下次时间"))
    services = tuple(fields.getlist("services"))
    checked = tuple(fields.getlist("checked"))
    return Said(
        client_key=_one(fields, "client_key"),
        customer=_one(fields, "customer"),
        kind=kind,
        outcome=outcome,
        reason=_one(fields, "reason"),
        happened_at=happened,
        attitude=_one(fields, "attitude"),
        no_visit=_one(fields, "no_visit"),
        collection_method=_one(fields, "collection_method"),
        services=services,
        next_at=next_at,
        next_kind=(_one(fields, "next_kind") or _next_kind(kind)) if next_at else "",
        card=_card(fields, services, met=outcome == Outcome.MET),
        answers={name: value for name in ANSWERS if (value := _one(fields, f"answer_{name}"))},
        conduct=tuple(code for code in CONDUCT if code in fields.getlist("conduct")),
        note=_one(fields, "note"),
        place=_place(_one(fields, "place")),
        policies=tuple(dict.fromkeys([*fields.getlist("policies"), *checked])),
        checked=checked,
        satisfaction=_satisfaction(fields),
        papers=tuple(_papers(fields, files)),
        offline=bool(_one(fields, "offline")),
    )


def _one(fields: Fields, name: str) -> str:
    return str(fields.get(name) or "").replace("\0", "").strip()  # PostgreSQL keeps no NUL


def _next_kind(kind: str) -> str:
    return str(Kind.CALL if kind == Kind.CALL else Kind.VISIT)


def _happened(fields: Fields, now: datetime) -> datetime:
    """When it was: as typed, as the phone's clock says (set right where it goes wrong), or now."""
    typed = _local(_one(fields, "happened_local"), _("时间"))
    if typed is not None:
        return typed
    moment, device = _zoned(_one(fields, "happened_at")), _zoned(_one(fields, "device_at"))
    if moment is None:
        return now
    if device is not None and abs(device - now) > CLOCK_GOES_WRONG:
        try:
            moment += now - device
        except OverflowError:
            return now
    return min(moment, now) if moment - now < CLOCK_GOES_WRONG else moment


def _zoned(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
        return moment.astimezone(UTC) if moment.tzinfo and FIRST_DAY <= moment.date() <= LAST_DAY else None
    except (ValueError, OverflowError):
        return None


def _local(text: str, field: str) -> datetime | None:
    """A moment of Shanghai's clocks, as <input type=datetime-local> sends it."""
    if not text:
        return None
    try:
        moment = datetime.fromisoformat(text)
        if not FIRST_DAY <= moment.date() <= LAST_DAY:
            raise ValueError(text)
        return timezone.make_aware(moment.replace(tzinfo=None))
    except (ValueError, OverflowError) as broken:
        raise WorkRefused(_("%(field)s：读不出来；没有写入任何数据") % {"field": field}) from broken


def _card(fields: Fields, services: tuple[str, ...], *, met: bool) -> dict[str, str]:
    """The three items of the service card; what was tapped counts as written. {}: nothing was said and nobody met."""
    tapped = [str(Service(code).label) for code in services if code in Service.values]
    content = _("；").join(filter(None, [_("、").join(tapped), _one(fields, "card_content")]))
    attitude = _one(fields, "attitude")
    word = str(Attitude(attitude).label) if attitude in Attitude.values else ""
    told = {
        "content": content,
        "attitude": _one(fields, "card_attitude") or word,
        "questions": _one(fields, "card_questions"),
    }
    wanted = any(told.values()) if met else bool(told["questions"])
    return {name: told[name] for name in CARD} if wanted else {}


def _satisfaction(fields: Fields) -> dict[str, int] | None:
    found = {name: _one(fields, f"mark_{name}") for name in SATISFACTION}
    marks = {name: int(value) for name, value in found.items() if value in map(str, MARKS)}
    if marks and len(marks) < len(SATISFACTION):
        raise WorkRefused(_("满意度调查问卷：每一项都请客户选一个；没有写入任何数据"))
    return marks or None


def _place(text: str) -> dict[str, float | str] | None:
    if not text:
        return None
    try:
        told: Any = json.loads(text)
        place: dict[str, float | str] = {name: form(told[name]) for name, form in _PLACE.items()}
    except (ValueError, KeyError, TypeError) as broken:
        raise WorkRefused(_("位置：读不出来；没有写入任何数据")) from broken
    lon, lat, accuracy = (float(place[name]) for name in _PLACE)
    if not (abs(lon) <= 180 and abs(lat) <= 90 and 0 <= accuracy < math.inf):
        raise WorkRefused(_("位置：读不出来；没有写入任何数据"))
    return place | {"datum": "WGS84"}


def _papers(fields: Fields, files: MultiValueDict[str, UploadedFile]) -> list[Paper]:
    """Pictures: uploaded, or as data: texts. A photo of a form signed on paper stands for the signature."""
    found = []
    for name, what in (("photo", "photo"), ("signature", "signature"), ("signature_photo", "signature")):
        uploaded, text = files.get(name), _one(fields, name)
        if uploaded is not None:
            found.append(_picture(what, uploaded.read()))
        elif text:
            found.append(_picture(what, _decoded(text)))
    kinds = [paper.kind for paper in found]
    if kinds.count("signature") > 1:
        raise WorkRefused(_("签名：屏幕上签的和纸上签的，请只留一个；没有写入任何数据"))
    return found


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(_DATA_URL.sub("", text), validate=True)
    except (binascii.Error, ValueError) as broken:
        raise WorkRefused(_("照片：读不出来；没有写入任何数据")) from broken


def _picture(kind: str, content: bytes) -> Paper:
    for magic, media_type in PICTURES.items():
        if content.startswith(magic):
            return Paper(kind, media_type, content)
    raise WorkRefused(_("照片：只收 JPEG、PNG、WebP 图片；没有写入任何数据"))
