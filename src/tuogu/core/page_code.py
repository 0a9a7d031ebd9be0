"""The code of a printed page (N-18): which page it is, and which content it was printed with, in thirteen signs.

In: the key of a page and the digest of its content; or what somebody typed, or a camera read. Out: the code; the key and
the beginning of the digest. Never: a mistyped code taken for another page (one wrong sign, or two neighbours exchanged,
fails the check sign), a sign that is read two ways (no I, L, O, U: what is typed for them is understood).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from tuogu.core.worded import Worded

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
KEY_SIGNS = 8  # forty bits: nobody meets another page by chance
SEAL_SIGNS = 4  # twenty bits of the digest: a changed page passes once in a million
KEY_BYTES = 5  # eight signs of five bits
_BITS = 5  # of one sign
_DIGEST_BITS = 256  # of SHA-256
_GROUP = 4  # signs that the eye takes in at once
_HEX = 16  # base in which digests are written
_BASE = len(ALPHABET)
_SEEN_AS = str.maketrans({"I": "1", "L": "1", "O": "0", "U": "V"})
_FORM = re.compile(rf"[{ALPHABET}]{{{KEY_SIGNS + SEAL_SIGNS + 1}}}")


class PageCodeError(Worded):
    """Not a page code; the message says what is wrong."""


@dataclass(frozen=True)
class PageCode:
    """`key`: which page; `seal`: the beginning of the digest of what was printed on it."""

    key: str
    seal: str

    def __str__(self) -> str:
        whole = self.key + self.seal
        return f"{self.key[:_GROUP]}-{self.key[_GROUP:]}-{self.seal}-{_check(whole)}"


def key_of(random: bytes) -> str:
    """The key that these five random bytes make."""
    return _signs(int.from_bytes(random[:KEY_BYTES], "big"), KEY_SIGNS)


def seal_of(digest: str) -> str:
    """The beginning of a SHA-256 in hex, in the signs of a code."""
    return _signs(int(digest, _HEX) >> (_DIGEST_BITS - _BITS * SEAL_SIGNS), SEAL_SIGNS)


def read_code(text: str) -> PageCode:
    """What somebody typed or scanned, spaces, dashes and case aside; PageCodeError where it cannot be a page code."""
    signs = re.sub(r"[\s\-－—_·]", "", text).upper().translate(_SEEN_AS)
    if not _FORM.fullmatch(signs):
        raise PageCodeError("页码应为 %(n)s 位字母和数字", n=KEY_SIGNS + SEAL_SIGNS + 1)
    if _check(signs[:-1]) != signs[-1]:
        raise PageCodeError("页码有误：校验位不符，请核对页脚印的页码")
    return PageCode(signs[:KEY_SIGNS], signs[KEY_SIGNS:-1])


def _signs(number: int, count: int) -> str:
    return "".join(ALPHABET[number >> _BITS * place & _BASE - 1] for place in reversed(range(count)))


def _check(signs: str) -> str:
    """Luhn's sum to the base 32: every wrong sign changes it, and nearly every exchange of neighbours."""
    total = 0
    for place, sign in enumerate(reversed(signs)):
        value = ALPHABET.index(sign) * (2 if place % 2 == 0 else 1)
        total += value // _BASE + value % _BASE
    return ALPHABET[-total % _BASE]
