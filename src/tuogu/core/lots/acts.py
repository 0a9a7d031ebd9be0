"""How the public record of a draw grows: announced by the clerk, committed by each party, revealed by each party.

In: the record so far and one act. Out: the record after it. Never: a party added after the first reveal, a reveal before
a second party has committed, a record that did not fit before the act.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from hashlib import sha256

import polars as pl

from tuogu.core.draw import DrawError, combined, commitment, drawn, list_digest, pseudonyms
from tuogu.core.lots.check import first_fault
from tuogu.core.lots.record import PARTIES_MIN, PublicDraw, Result, Reveal, announced_digest

_NAME = re.compile(r"[\w.-]{1,64}")
_PARTY_MAX = 64  # width of a name in the published record
_DIGEST = re.compile(r"[0-9a-f]{64}")


def announce(
    numbers: Sequence[str] | pl.Series, *, count: int, draw_id: str, purpose: str, key: bytes
) -> tuple[PublicDraw, dict[str, str]]:
    """The record with which a draw begins, and pseudonym → number, which only the clerk keeps."""
    if not _NAME.fullmatch(draw_id):
        raise DrawError("抽取编号只能用文字、数字、点、横线和下划线，至多 64 个字")
    if not 1 <= count <= len(numbers):
        raise DrawError("名单共 %(n)s 个号码，不能抽 %(count)s 个", n=len(numbers), count=count)
    if not purpose.isprintable():
        raise DrawError("用途只能是一行文字")
    names = pseudonyms(numbers, key=key, draw_id=draw_id)
    digest = list_digest(list(names))
    return settled(PublicDraw(draw_id, purpose, count, tuple(names), digest, sha256(key).hexdigest())), names


def commit(public: PublicDraw, party: str, commitment: str) -> PublicDraw:
    """The record with one more party bound to a seed that nobody else knows."""
    _sound(public)
    if not 1 <= len(party) <= _PARTY_MAX or not party.isprintable():
        raise DrawError("参与方的名称应为一行文字，至多 %(n)s 个字", n=_PARTY_MAX)
    if public.reveals:
        raise DrawError("已有一方公开种子，不能再加入承诺")
    if party in public.parties:
        raise DrawError("%(party)s 已作出承诺，不能更换", party=party)
    if not _DIGEST.fullmatch(commitment):
        raise DrawError("承诺应为 64 位小写十六进制")
    if commitment in dict(public.commitments).values():
        raise DrawError("这一承诺与另一方的相同，不能照抄")
    return settled(replace(public, commitments=(*public.commitments, (party, commitment))))


def reveal(public: PublicDraw, party: str, *, salt: bytes, seed: bytes) -> PublicDraw:
    """The record with this party's seed; with the last one comes the result."""
    _sound(public)
    if len(public.parties) < PARTIES_MIN:
        raise DrawError(
            "至少 %(least)s 方作出承诺后才能公开种子，现有 %(n)s 方", least=PARTIES_MIN, n=len(public.parties)
        )
    if party not in public.parties:
        raise DrawError("%(party)s 没有作出承诺", party=party)
    if party not in public.awaited:
        raise DrawError("%(party)s 已公开种子", party=party)
    if commitment(salt, seed) != dict(public.commitments)[party]:
        raise DrawError("%(party)s 的盐和种子与其承诺不符", party=party)
    known = {r.party: r for r in public.reveals} | {party: Reveal(party, salt.hex(), seed.hex())}
    return settled(replace(public, reveals=tuple(known[p] for p in public.parties if p in known)))


def settled(public: PublicDraw) -> PublicDraw:
    """The record with what follows from it: its announced digest and, once all have revealed, the result."""
    after = replace(public, announced=announced_digest(public))
    if after.awaited or len(after.parties) < PARTIES_MIN:
        return after
    return replace(after, result=_result(after))


def real_numbers(public: PublicDraw, names: Mapping[str, str]) -> list[str]:
    """The drawn numbers behind the pseudonyms, in their order: for the clerk, who holds `names`."""
    if public.result is None:
        raise DrawError(f"尚未公开种子：{'、'.join(public.awaited) or '各方'}；还没有结果")
    lost = [name for name in public.result.drawn if name not in names]
    if lost:
        raise DrawError(f"化名对照里没有 {lost[0]}：这不是本次抽取的对照")
    return [names[name] for name in public.result.drawn]


def _result(public: PublicDraw) -> Result:
    seed = combined([bytes.fromhex(reveal.seed) for reveal in public.reveals])
    return Result(seed.hex(), tuple(drawn(public.listed, public.count, seed=seed, draw_id=public.draw_id)))


def _sound(public: PublicDraw) -> None:
    fault = first_fault(public)
    if fault is not None:
        raise DrawError(fault)
