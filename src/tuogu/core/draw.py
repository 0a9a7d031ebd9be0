"""A draw that anyone can repeat: the order that a seed gives to a list, and the digests that bind both beforehand.

In: numbers (text, each once), a seed of bytes, the id of the draw. Out: the order, the drawn numbers, the digest of the
list, the commitment to a seed, the seed of all parties together. Never: chance, a clock, the order of the input.

The construction (N-05), short enough to be written down beside a published list:

    order       ascending HMAC-SHA256(key = seed, message = draw_id + "|" + number, UTF-8); ties by number
    list_digest SHA-256 of the numbers, sorted, one a line, UTF-8, each line ended by a newline
    commitment  SHA-256(salt ‖ seed), salt of 32 bytes
    combined    SHA-256 of all seeds in the order of their parties, each led by its length in four bytes, big-endian
    pseudonym   the first 32 hex digits of HMAC-SHA256(key = pseudonym key, message = draw_id + "|" + number, UTF-8)

A draw id holds no "|", so that no two pairs of draw id and number make the same message.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from hashlib import sha256

import polars as pl

from tuogu.core.worded import Worded

SALT_BYTES = 32
SEED_BYTES = 16  # the least: a shorter seed could be found by trying all
PSEUDONYM_DIGITS = 32  # 128 bits: two equal ones do not happen, and `pseudonyms` looks all the same
_BLOCK = 64  # bytes that SHA-256 takes at a time; HMAC pads or digests its key to this length


class DrawError(Worded):
    """The list, the seed or the draw's id cannot be drawn from; the message says why."""


def order(numbers: Sequence[str] | pl.Series, *, seed: bytes, draw_id: str) -> list[str]:
    """All numbers in the order in which the seed draws them."""
    if len(seed) < SEED_BYTES:
        raise DrawError("种子至少 %(least)s 字节，这里只有 %(n)s 字节", least=SEED_BYTES, n=len(seed))
    return [number for _key, number in sorted(_keyed(numbers, seed, draw_id))]


def drawn(numbers: Sequence[str] | pl.Series, count: int, *, seed: bytes, draw_id: str) -> list[str]:
    """The first `count` of the order: drawing more later never takes back what was drawn before."""
    if not 0 <= count <= len(numbers):
        raise DrawError("名单共 %(n)s 个号码，不能抽 %(count)s 个", n=len(numbers), count=count)
    return order(numbers, seed=seed, draw_id=draw_id)[:count]


def list_digest(numbers: Sequence[str] | pl.Series) -> str:
    """What the list is bound by before anyone knows the seed."""
    lines = "".join(f"{number}\n" for number in sorted(_checked(numbers)))
    return sha256(lines.encode()).hexdigest()


def commitment(salt: bytes, seed: bytes) -> str:
    """What a party publishes before the draw; the fixed length of the salt leaves one way to cut the two apart."""
    if len(salt) != SALT_BYTES:
        raise DrawError("盐须为 %(wanted)s 字节，这里是 %(n)s 字节", wanted=SALT_BYTES, n=len(salt))
    if len(seed) < SEED_BYTES:
        raise DrawError("种子至少 %(least)s 字节，这里只有 %(n)s 字节", least=SEED_BYTES, n=len(seed))
    return sha256(salt + seed).hexdigest()


def combined(seeds: Sequence[bytes]) -> bytes:
    """The seed that no single party chose: each one alone makes it unforeseeable for all the others."""
    if not seeds:
        raise DrawError("没有任何一方的种子")
    return sha256(b"".join(len(seed).to_bytes(4, "big") + seed for seed in seeds)).digest()


def pseudonyms(numbers: Sequence[str] | pl.Series, *, key: bytes, draw_id: str) -> dict[str, str]:
    """pseudonym → number, by pseudonym: what the clerk keeps when only pseudonyms may be published."""
    if len(key) < SEED_BYTES:
        raise DrawError("化名密钥至少 %(least)s 字节，这里只有 %(n)s 字节", least=SEED_BYTES, n=len(key))
    pairs = sorted(
        (digest.hex()[:PSEUDONYM_DIGITS], number) for digest, number in _keyed(numbers, key, draw_id)
    )
    names = dict(pairs)
    if len(names) != len(pairs):
        raise DrawError("两个号码得到同一化名，请换一把化名密钥")
    return names


def checked_id(draw_id: str) -> str:
    """The draw's id as it stands; DrawError when it is empty or could be read in two ways."""
    if not draw_id or "|" in draw_id or "\n" in draw_id:
        raise DrawError("抽取编号不能为空，也不能含“|”或换行")
    return draw_id


def _keyed(numbers: Sequence[str] | pl.Series, key: bytes, draw_id: str) -> list[tuple[bytes, str]]:
    """(HMAC, number) of each number; the bytes sort as their hexadecimal digits do."""
    mac = _hmac(key, f"{checked_id(draw_id)}|".encode())
    return [(mac(number.encode()), number) for number in _checked(numbers)]


def _hmac(key: bytes, prefix: bytes) -> Callable[[bytes], bytes]:
    """HMAC-SHA256 of `prefix` + message under one key: both padded keys are digested once instead of a million times."""
    block = (key if len(key) <= _BLOCK else sha256(key).digest()).ljust(_BLOCK, b"\0")
    inner_start = sha256(bytes(byte ^ 0x36 for byte in block) + prefix)
    outer_start = sha256(bytes(byte ^ 0x5C for byte in block))

    def mac(message: bytes) -> bytes:
        inner, outer = inner_start.copy(), outer_start.copy()
        inner.update(message)
        outer.update(inner.digest())
        return outer.digest()

    return mac


def _checked(numbers: Sequence[str] | pl.Series) -> list[str]:
    """The numbers as a list; DrawError for an empty or repeated one or one that would fill two lines."""
    listed = numbers.to_list() if isinstance(numbers, pl.Series) else list(numbers)
    if not all(listed):
        raise DrawError("名单里有空号码")
    if any("\n" in number for number in listed):
        raise DrawError("号码里不能有换行")
    if len(set(listed)) != len(listed):
        raise DrawError("名单里有重复号码")
    return listed
