"""A header text as it is compared: without brackets, units, stars and spaces, half width, lower case."""

from __future__ import annotations

import re
import unicodedata

_BRACKETS = re.compile(r"[(\[【〔〈<][^)\]】〕〉>]*[)\]】〕〉>]")
_NOISE = re.compile(r"[\s*＊:：·、,，.。_\-—'\"“”‘’]+|必填|选填")


def plain_header(text: str) -> str:
    """保费 (元) *必填 and 保费 read alike."""
    half = unicodedata.normalize("NFKC", text)
    return _NOISE.sub("", _BRACKETS.sub("", half)).lower() or _NOISE.sub("", half).lower()
