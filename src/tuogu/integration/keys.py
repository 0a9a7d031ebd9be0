"""Keys: made, approved, revoked; and who a key is when it calls.

In: who makes it, what it may do, where, until when. Out: the key itself, once; later a `Caller`. Never: a key stored, a key
wider than its maker, clear data by one person's word, a key that outlives its owner's post.
"""

from __future__ import annotations

import hashlib
import ipaddress
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from tuogu.core.custody import business_date
from tuogu.core.rulebook import Rulebook
from tuogu.integration.failures import IntegrationRefused
from tuogu.integration.models import ApiKey, KeyEvent, Subscription
from tuogu.integration.rights import MachineRight
from tuogu.org import queries as org
from tuogu.org.scope import Scope

NOTHING_WRITTEN = "；没有写入任何数据"
_PREFIX = "tg_"
_SECRET_BYTES = 32
_HEAD_CHARS = 8
_NAME_MAX = 60
_ADDRESSES_MAX = 20


@dataclass(frozen=True)
class Caller:
    """A key at work. `person`: its owner, in whose name it writes."""

    key: int
    name: str
    person: int
    rights: frozenset[MachineRight]
    scope: Scope
    clear: bool


@transaction.atomic
def make_key(
    *,
    name: str,
    owner: int,
    rights: Iterable[str],
    institution_code: str,
    addresses: Iterable[str],
    expires_at: datetime,
    maker_scope: Scope,
    rulebook: Rulebook,
    by: int,
    at: datetime,
) -> tuple[int, str]:
    """A new key and its id; the key is not to be had again. institution_code '' = the whole company.

    IntegrationRefused where it would see more than its maker, live too long, or belong to nobody in post.
    """
    chosen = _rights(rights)
    _judge(name, owner, expires_at, rulebook, at)
    _require_within(institution_code, maker_scope)
    secret = _PREFIX + secrets.token_urlsafe(_SECRET_BYTES)
    key = ApiKey.objects.create(
        name=name.strip(), digest=_digest(secret), head=secret[:_HEAD_CHARS], owner_id=owner,
        rights=sorted(chosen), institution_code=institution_code, everywhere=not institution_code,
        addresses=_networks(addresses), expires_at=expires_at, made_by_id=by, made_at=at,
    )  # fmt: skip
    KeyEvent.objects.create(key=key, kind="made", by_id=by, at=at)
    return key.pk, secret


@transaction.atomic
def approve_clear(key_id: int, *, within: Scope, by: int, at: datetime) -> None:
    """A second person lets a key read personal data in clear."""
    key = _open_key(key_id, within, at)
    if MachineRight.READ_CLEAR not in key.rights or key.clear_approved_by_id is not None:
        raise IntegrationRefused(f"这把密钥没有待批准的权限{NOTHING_WRITTEN}")
    if by == key.made_by_id:
        raise IntegrationRefused(f"建立密钥的人不能自己批准读取未脱敏资料，须另一人{NOTHING_WRITTEN}")
    key.clear_approved_by_id, key.clear_approved_at = by, at
    key.save(update_fields=["clear_approved_by", "clear_approved_at"])
    KeyEvent.objects.create(key=key, kind="clear_approved", by_id=by, at=at)


@transaction.atomic
def revoke_key(key_id: int, *, within: Scope, by: int, at: datetime) -> None:
    """The key is dead from its next call on; its webhooks end with it."""
    key = _open_key(key_id, within, at, also_expired=True)
    key.revoked_by_id, key.revoked_at = by, at
    key.save(update_fields=["revoked_by", "revoked_at"])
    Subscription.objects.filter(key=key).exclude(state="ended").update(state="ended")
    KeyEvent.objects.create(key=key, kind="revoked", by_id=by, at=at)


def caller_by(secret: str, *, address: str, at: datetime) -> Caller | None:
    """Who calls; None for a key that is unknown, dead, or used from elsewhere (all look alike)."""
    key = ApiKey.objects.filter(digest=_digest(secret), revoked_at__isnull=True, expires_at__gt=at).first()
    if key is None or not _from_there(address, key.addresses):
        return None
    return caller_of(key, at)


def caller_of(key: ApiKey, at: datetime) -> Caller | None:
    """What a live key may do; None once it is dead."""
    if key.revoked_at is not None or key.expires_at <= at:
        return None
    if not org.is_person(key.owner_id) or not org.may_receive(key.owner_id, business_date(at)):
        return None  # the owner has left
    rights = frozenset(MachineRight(right) for right in key.rights)
    clear = MachineRight.READ_CLEAR in rights and key.clear_approved_by_id is not None
    return Caller(key.pk, key.name, key.owner_id, rights, org.looked_up(scope_of(key)), clear)


def caller(key_id: int, *, at: datetime) -> Caller | None:
    """`caller_of` by id: for work that a call left behind."""
    key = ApiKey.objects.filter(pk=key_id).first()
    return None if key is None else caller_of(key, at)


def scope_of(key: ApiKey) -> Scope:
    """Which rows a key sees."""
    if key.everywhere:
        return Scope.everything()
    return Scope(institution_codes=frozenset({key.institution_code}))


def covers(within: Scope, key: ApiKey) -> bool:
    """Whether a keeper of keys with that scope may see and end the key."""
    if within.all_rows:
        return True
    return not key.everywhere and key.institution_code in org.institutions_within(within)


def _open_key(key_id: int, within: Scope, at: datetime, *, also_expired: bool = False) -> ApiKey:
    key = ApiKey.objects.select_for_update().filter(pk=key_id, revoked_at__isnull=True).first()
    if key is None or not covers(within, key) or (key.expires_at <= at and not also_expired):
        raise IntegrationRefused(f"没有这把密钥，或它已经停用{NOTHING_WRITTEN}")
    return key


def _rights(given: Iterable[str]) -> set[MachineRight]:
    known = {right.value for right in MachineRight}
    chosen = set(given)
    if not chosen or not chosen <= known:
        raise IntegrationRefused(f"请至少选一项权限{NOTHING_WRITTEN}")
    return {MachineRight(right) for right in chosen}


def _judge(name: str, owner: int, expires_at: datetime, rulebook: Rulebook, at: datetime) -> None:
    if not 0 < len(name.strip()) <= _NAME_MAX or not name.strip().isprintable():
        raise IntegrationRefused(f"请写明密钥的用途（最长 {_NAME_MAX} 个字）{NOTHING_WRITTEN}")
    if not org.is_person(owner) or not org.may_receive(owner, business_date(at)):
        raise IntegrationRefused(f"密钥须有一位在职的负责人{NOTHING_WRITTEN}")
    days = rulebook["integration.key_days_max"]
    if not at < expires_at <= at + timedelta(days=days + 1):
        raise IntegrationRefused(f"有效期至少到明天，最长 {days} 天{NOTHING_WRITTEN}")


def _require_within(institution_code: str, maker: Scope) -> None:
    if maker.all_rows:
        known = org.institutions_within(Scope.everything()) | {""}
        if institution_code in known:
            return
    elif institution_code in org.institutions_within(maker):
        return
    raise IntegrationRefused(f"密钥的范围不能超出你自己的范围{NOTHING_WRITTEN}")


def _networks(given: Iterable[str]) -> list[str]:
    found = [text.strip() for text in given if text.strip()]
    if len(found) > _ADDRESSES_MAX:
        raise IntegrationRefused(f"来源地址最多 {_ADDRESSES_MAX} 个{NOTHING_WRITTEN}")
    try:
        return [str(ipaddress.ip_network(text)) for text in found]
    except ValueError as wrong:
        raise IntegrationRefused(f"来源地址应为 IP 地址或网段，例如 10.1.2.0/24{NOTHING_WRITTEN}") from wrong


def _from_there(address: str, networks: list[str]) -> bool:
    if not networks:
        return True
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    mapped = getattr(found, "ipv4_mapped", None) or found
    return any(mapped in ipaddress.ip_network(network) for network in networks)


def _digest(secret: str) -> bytes:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()
