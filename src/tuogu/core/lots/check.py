"""What does not fit in a public record of a draw: every digest, commitment and the result, recomputed.

In: PublicDraw. Out: the first fault as a sentence in Chinese, or None. Never: trust in a figure of the record that can be
computed from the others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from hashlib import sha256

from tuogu.core.draw import (
    SALT_BYTES,
    SEED_BYTES,
    DrawError,
    combined,
    commitment,
    drawn,
    list_digest,
    pseudonyms,
)
from tuogu.core.lots.record import PARTIES_MIN, PublicDraw, announced_digest

_PSEUDONYM = re.compile(r"[0-9a-f]{32}")
_HEX = re.compile(r"(?:[0-9a-f]{2})+")  # lower case only: another writing of the same bytes is another text


def first_fault(public: PublicDraw) -> str | None:
    """The first thing that does not fit; None when everything that can be checked so far does."""
    return next((fault for part in (_list, _promises, _reveals, _result) for fault in part(public)), None)


def key_fault(public: PublicDraw, key: bytes, names: Mapping[str, str]) -> str | None:
    """The same for the clerk's pseudonym key and table: is it the one announced, and are these the listed numbers?"""
    if sha256(key).hexdigest() != public.key_digest:
        return "化名密钥与公示的密钥摘要不符"
    if pseudonyms(sorted(names.values()), key=key, draw_id=public.draw_id) != dict(names):
        return "化名对照与化名密钥算出的不符"
    if tuple(sorted(names)) != public.listed:
        return "化名对照与公示名单不符"
    return None


def _list(public: PublicDraw) -> Iterator[str]:
    strange = [name for name in public.listed if not _PSEUDONYM.fullmatch(name)]
    if strange:
        yield f"名单里的“{strange[0]}”不是化名（32 位小写十六进制）"
    if list(public.listed) != sorted(set(public.listed)):
        yield "名单没有按顺序排列，或有重复的化名"
    if not 1 <= public.count <= len(public.listed):
        yield f"抽取数 {public.count} 与名单的 {len(public.listed)} 个化名不符"
    if list_digest(public.listed) != public.list_digest:
        yield "名单与名单摘要（list_digest）不符：名单被改动"


def _promises(public: PublicDraw) -> Iterator[str]:
    if len(set(public.parties)) != len(public.parties):
        yield "同一参与方作出了两次承诺"
    if announced_digest(public) != public.announced:
        yield "公告摘要（announced）不符：编号、用途、数量、摘要或承诺被改动"


def _reveals(public: PublicDraw) -> Iterator[str]:
    revealed = [reveal.party for reveal in public.reveals]
    if revealed != [party for party in public.parties if party in revealed]:
        yield "公开种子的各方与承诺的各方不符"
    promised = dict(public.commitments)
    for reveal in public.reveals:
        if not (_HEX.fullmatch(reveal.salt) and _HEX.fullmatch(reveal.seed)):
            yield f"{reveal.party} 的盐或种子不是小写十六进制"
        salt, seed = bytes.fromhex(reveal.salt), bytes.fromhex(reveal.seed)
        if len(salt) != SALT_BYTES or len(seed) < SEED_BYTES:
            yield f"{reveal.party} 的盐或种子长度不符"
        if commitment(salt, seed) != promised[reveal.party]:
            yield f"{reveal.party} 公开的种子与其承诺不符"


def _result(public: PublicDraw) -> Iterator[str]:
    if public.result is None:
        if public.reveals and not public.awaited:
            yield "各方都已公开种子，却没有结果"
        return
    if public.awaited or len(public.parties) < PARTIES_MIN:
        yield f"尚有参与方没有公开种子（{'、'.join(public.awaited) or '只有一方'}），却已有结果"
    seed = combined([bytes.fromhex(reveal.seed) for reveal in public.reveals])
    if seed.hex() != public.result.seed:
        yield "合成种子（seed）与各方种子不符"
    try:
        expected = drawn(public.listed, public.count, seed=seed, draw_id=public.draw_id)
    except DrawError as error:
        yield str(error)
        return
    if tuple(expected) != public.result.drawn:
        same = [mine == theirs for mine, theirs in zip(expected, public.result.drawn, strict=False)]
        yield "抽取结果不符：" + (f"第 {same.index(False) + 1} 个不同" if False in same else "个数不同")
