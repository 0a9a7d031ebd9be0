"""A scanned page with a signature comes back, and finds its register by the code that is printed on it (N-18).

In: the bytes of a scan, the codes of the pages on it. Out: the register, and how far it is signed now. Never: a page of a
register that was printed anew since, a page whose printed digest is another one's, a page twice, somebody else's register; a
part of the pages filed when one of them is refused.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from django.db import transaction
from django.utils.translation import gettext as _

from tuogu.core.custody import business_date
from tuogu.core.page_code import PageCode, PageCodeError, read_code, seal_of
from tuogu.kit.content import opened
from tuogu.kit.failures import KitRefused
from tuogu.kit.models import Page, Print, Scan, SignedPage
from tuogu.org import queries as org
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules
from tuogu.vault.blobs import seal_bytes

_TYPES = {b"%PDF-": "application/pdf", b"\x89PNG": "image/png", b"\xff\xd8\xff": "image/jpeg"}
_BYTES_A_MB = 1024 * 1024


@dataclass(frozen=True)
class Returned:
    """What a scan did: `pages` came back with it, `missing` are still out."""

    register: int
    pages: int
    missing: int


@transaction.atomic
def take_scan(scope: Scope, content: bytes, codes: Sequence[str], *, by: int, at: datetime) -> Returned:
    """File a scan for the pages whose codes stand on it. KitRefused names the page and why."""
    media_type = _media_type(content, int(rules.applicable(business_date(at))["kit.scan_mb_max"]))
    wanted = _codes(codes)
    pages = [_page(code, scope) for code in wanted]
    registers = {page.register_id for page in pages}
    if len(registers) > 1:
        raise refused(_("这些页属于 %(n)s 份登记表，请分开上传") % {"n": len(registers)})
    register = Print.objects.select_for_update().get(pk=registers.pop())
    for page, code in zip(pages, wanted, strict=True):
        _judge(page, code, register)
    digest = sha256(content).hexdigest()
    if Scan.objects.filter(digest=digest).exclude(register=register).exists():
        raise refused(_("这份扫描件已登记在另一份登记表"))
    scan, _made = Scan.objects.get_or_create(
        register=register, digest=digest,
        defaults={"media_type": media_type, "content_sealed": seal_bytes(content), "by_id": by, "at": at},
    )  # fmt: skip
    SignedPage.objects.bulk_create(SignedPage(page=page, scan=scan, by_id=by, at=at) for page in pages)
    signed = SignedPage.objects.filter(page__register=register).count()
    return Returned(register.pk, len(pages), register.pages - signed)


def _media_type(content: bytes, most_mb: int) -> str:
    if not 0 < len(content) <= most_mb * _BYTES_A_MB:
        raise refused(_("扫描件不能为空，最大 %(n)s MB") % {"n": most_mb})
    for head, media_type in _TYPES.items():
        if content.startswith(head):
            return media_type
    raise refused(_("扫描件须为 PDF、PNG 或 JPEG"))


def _codes(codes: Sequence[str]) -> list[PageCode]:
    found: dict[str, PageCode] = {}
    for text in codes:
        try:
            code = read_code(text)
        except PageCodeError as wrong:
            parts = {"text": text.strip()[:40], "why": wrong.told(_)}
            raise refused(_("“%(text)s”：%(why)s") % parts) from wrong
        found[code.key] = code
    if not found:
        raise refused(_("请填写页脚印的页码"))
    return list(found.values())


def _page(code: PageCode, scope: Scope) -> Page:
    page = Page.objects.select_related("register").filter(key=code.key).first()
    visible = org.custodians_within(scope)
    if page is None or (visible is not None and page.register.person_id not in visible):
        raise refused(_("页码 %(code)s：没有这一页，或不在您的范围内") % {"code": code})
    return page


def _judge(page: Page, code: PageCode, register: Print) -> None:
    """KitRefused where this page, as printed, is not the one that may come back."""
    why = _wrong_with(page, code, register)
    if why:
        said = _("页码 %(code)s（第 %(place)s 页，共 %(pages)s 页）：%(why)s")
        raise refused(said % {"code": code, "place": page.place, "pages": register.pages, "why": why})


def _wrong_with(page: Page, code: PageCode, register: Print) -> str:
    if seal_of(page.digest) != code.seal:
        return _("页上的内容摘要与印制时不符，这不是印出的那一页")
    if Print.objects.filter(replaces=register).exists():
        return _("这份登记表已另印新的一份，旧页不能登记，请签新页")
    if opened(page) is None:
        return _("存档内容已随客户的删除清除或与摘要不符，请另印一份")
    return _("已经登记过") if SignedPage.objects.filter(page=page).exists() else ""


def refused(words: str) -> KitRefused:
    """A refusal that ends as every refusal of a scan does."""
    return KitRefused(_("%(why)s；没有登记") % {"why": words})
