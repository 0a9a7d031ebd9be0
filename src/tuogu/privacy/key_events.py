"""The keys of personal data: a new one, everything sealed anew under it, the old one retired; a new hash key (L-05).

In: who acts. Out: the ring changed on disk, values sealed anew, a row for each act. Never: a key retired that still holds a
value, one retired by the person who brought its successor; a table whose rows stay sealed anew in another way than by its
owner, inside the transaction that lifts its triggers.

Killed at any point: the ring holds both keys until `retire_key`, and `reseal` and `rehash` go on where they stopped. Hash
keys are never retired (see vault.hashing).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connections, transaction

from tuogu import vault
from tuogu.accounts.factors import factor_values_by_key, reseal_factors
from tuogu.org import append_only
from tuogu.privacy.failures import PrivacyRefused
from tuogu.privacy.models import KeyEvent
from tuogu.vault.columns import (
    SealedColumn,
    hash_columns,
    hashes_by_generation,
    sealed_columns,
    values_by_key,
)
from tuogu.vault.rotation import current_key, key_of, rehash_column, reseal_column

FACTORS = "mfa_authenticator.data"
_FILES = "exports"  # sealed files on the disk: they expire, and are not sealed anew
_HEAD_BYTES = 5


@dataclass(frozen=True)
class KeyAct:
    """One row of the history."""

    act: str
    key_id: int
    values: int
    by: int
    at: datetime

    @property
    def label(self) -> str:
        """The act in words."""
        return str(KeyEvent.Act(self.act).label)


def key_standing() -> dict[int, dict[str, int]]:
    """Key → where → how many values, the newest key first; a key that holds nothing is there too."""
    standing: dict[int, dict[str, int]] = {key: {} for key in _ring_keys()}
    counted = {column.name: values_by_key(column) for column in sealed_columns()}
    counted |= {FACTORS: factor_values_by_key(), "files": _files_by_key()}
    for name, counts in counted.items():
        for key, count in counts.items():
            standing.setdefault(key, {})[name] = count
    return dict(sorted(standing.items(), reverse=True))


def key_history() -> list[KeyAct]:
    """Every act on the ring, newest first."""
    rows = KeyEvent.objects.order_by("-id")
    return [KeyAct(row.act, row.key_id, row.values, row.by_id, row.at) for row in rows]


@transaction.atomic
def add_key(*, by: int, at: datetime) -> int:
    """Put a fresh key into the ring: it seals from now on. PrivacyRefused while another key still holds values."""
    now = current_key()
    left = sum(sum(held.values()) for key, held in key_standing().items() if key != now)
    if left:
        raise PrivacyRefused(
            f"还有 {left:,} 个值在旧密钥下；请先完成重新加密（keys rotate --resume），没有启用新密钥"
        )
    fresh = vault.add_key(Path(settings.TUOGU_KEY_FILE))
    KeyEvent.objects.create(act=KeyEvent.Act.ADDED, key_id=fresh, by_id=by, at=at)
    return fresh


def reseal(*, by: int, at: datetime, told: Callable[[str, int], None] = lambda _where, _done: None) -> int:
    """Seal everything that an older key holds anew, batch by batch; returns how many values. `told` hears of each batch."""
    total = 0
    for column in sealed_columns():
        for done in reseal_column(column, _opened):
            total += done
            told(column.name, done)
    factors = reseal_factors()
    total += factors
    if total:
        told(FACTORS, factors)
        KeyEvent.objects.create(
            act=KeyEvent.Act.RESEALED, key_id=current_key(), values=total, by_id=by, at=at
        )
    return total


@transaction.atomic
def add_hash_key(*, by: int, at: datetime) -> int:
    """Put a fresh hash key into the ring; returns its generation. Everything is still found: a look-up asks for the new
    form and the one before. PrivacyRefused while hashes of an older generation are left, which only `rehash` may raise."""
    left = sum(count for generation, count in hash_standing().items() if generation != _generation())
    if left:
        raise PrivacyRefused(
            f"还有 {left:,} 个检索值没有换到现在的检索密钥；请先完成（keys rotate --resume），没有启用新密钥"
        )
    fresh = vault.add_hash_key(Path(settings.TUOGU_KEY_FILE))
    KeyEvent.objects.create(act=KeyEvent.Act.HASH_ADDED, key_id=fresh, by_id=by, at=at)
    return fresh


def rehash(*, by: int, at: datetime, told: Callable[[str, int], None] = lambda _where, _done: None) -> int:
    """Raise every stored hash to the newest generation, batch by batch; returns how many. Killed in between, the next run
    goes on; again it changes nothing."""
    total = 0
    for column in hash_columns():
        for done in rehash_column(column, _opened):
            total += done
            told(column.name, done)
    if set(hash_standing()) <= {_generation()} and not vault.hashes_moved():
        vault.note_hashes_moved(Path(settings.TUOGU_KEY_FILE))
    if total:
        KeyEvent.objects.create(
            act=KeyEvent.Act.REHASHED, key_id=_generation(), values=total, by_id=by, at=at
        )
    return total


def hash_standing() -> dict[int, int]:
    """Generation → stored hashes, the newest first."""
    counted = sum((hashes_by_generation(column) for column in hash_columns()), Counter[int]())
    return dict(sorted(counted.items(), reverse=True))


@transaction.atomic
def retire_key(key_id: int, *, by: int, at: datetime) -> None:
    """Take a key out of the ring for good. PrivacyRefused: it holds values, it is the newest, or the same person brought
    the newest one."""
    keys, now = _ring_keys(), current_key()
    if key_id not in keys or key_id == now:
        raise PrivacyRefused(f"密钥 {key_id} 不在密钥文件中，或正在使用；没有停用")
    added = KeyEvent.objects.filter(act=KeyEvent.Act.ADDED, key_id=now).order_by("-id").first()
    if added is not None and added.by_id == by:
        raise PrivacyRefused("启用新密钥的人不能停用旧密钥；须由另一人停用")
    held = key_standing().get(key_id, {})
    if held:
        where = "、".join(f"{name} {count:,}" for name, count in sorted(held.items()))
        raise PrivacyRefused(f"密钥 {key_id} 还加密着：{where}；请先重新加密，导出的文件到期即清除，没有停用")
    KeyEvent.objects.create(act=KeyEvent.Act.RETIRED, key_id=key_id, by_id=by, at=at)
    vault.retire_key(Path(settings.TUOGU_KEY_FILE), key_id)


def _generation() -> int:
    return vault.load_ring(Path(settings.TUOGU_KEY_FILE)).generation


def _ring_keys() -> list[int]:
    return sorted(vault.load_ring(Path(settings.TUOGU_KEY_FILE)).ciphers)


def _files_by_key() -> Counter[int]:
    folder = Path(settings.TUOGU_FILES) / _FILES
    return Counter(key_of(head) for head in _heads(folder)) if folder.is_dir() else Counter()


def _heads(folder: Path) -> Iterator[bytes]:
    for path in sorted(folder.iterdir()):
        if path.is_file():
            with path.open("rb") as file:
                yield file.read(_HEAD_BYTES)


def _opened(column: SealedColumn) -> AbstractContextManager[None]:
    """Tables whose rows must not change are written by their owner, inside the batch's transaction, for this one purpose."""
    connection = connections[column.alias]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(
                "SELECT 1 FROM sqlite_master WHERE type = 'trigger' AND tbl_name = %s LIMIT 1", [column.table]
            )
        else:
            cursor.execute(
                "SELECT 1 FROM pg_trigger WHERE NOT tgisinternal AND tgrelid = to_regclass(%s) LIMIT 1",
                [column.table],
            )
        guarded = cursor.fetchone() is not None
    return append_only.lifted(column.table, column.alias) if guarded else nullcontext()
