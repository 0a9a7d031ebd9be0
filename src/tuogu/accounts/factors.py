"""Secrets of second factors lie in allauth's own table, as base64 of the vault's ciphertext: found and sealed anew here.

In: nothing. Out: how many values each key holds; the values sealed anew. Never: a secret in clear outside this process.
"""

from __future__ import annotations

import base64
import binascii
from collections import Counter
from collections.abc import Iterator
from typing import Any

from allauth.mfa.models import Authenticator
from django.db import transaction

from tuogu.vault.rotation import current_key, key_of, resealed

_TEXT = b"\x01"  # how a sealed text begins
_SEALED_BYTES_MIN = 33  # head, nonce, tag


def factor_values_by_key() -> Counter[int]:
    """How many secrets each key holds."""
    data = Authenticator.objects.values_list("data", flat=True)
    return Counter(key_of(value) for one in data for _name, value in _secrets(one))


@transaction.atomic
def reseal_factors() -> int:
    """Seal every secret that another key holds anew: a few a person, in one transaction; returns how many."""
    now, done = current_key(), 0
    for row in Authenticator.objects.select_for_update():
        old = [(path, value) for path, value in _secrets(row.data) if key_of(value) != now]
        for path, value in old:
            _put(row.data, path, base64.b64encode(resealed(value)).decode("ascii"))
        if old:
            row.save(update_fields=["data"])
        done += len(old)
    return done


def _secrets(data: dict[str, Any]) -> Iterator[tuple[tuple[str | int, ...], bytes]]:
    """Where in the factor's JSON a sealed text stands, and its bytes."""
    for name, value in data.items():
        texts = enumerate(value) if isinstance(value, list) else [(None, value)]
        for place, text in texts:
            sealed = _sealed(text)
            if sealed is not None:
                yield (name,) if place is None else (name, place), sealed


def _sealed(text: object) -> bytes | None:
    if not isinstance(text, str):
        return None
    try:
        value = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return value if value[:1] == _TEXT and len(value) >= _SEALED_BYTES_MIN else None


def _put(data: dict[str, Any], path: tuple[str | int, ...], text: str) -> None:
    inner: Any = data
    for step in path[:-1]:
        inner = inner[step]
    inner[path[-1]] = text
