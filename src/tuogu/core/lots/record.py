"""The public record of a draw as a value and as the one text that stands for it.

In: the bytes of a published file. Out: PublicDraw, and back. Never: two texts for one record, so that a changed byte
is a changed record or no record at all.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from tuogu.core.draw import DrawError

FORMAT = "tuogu-draw-1"
PARTIES_MIN = 2  # one party alone could try seeds until it likes the result
_SHAPE: dict[str, Any] = {
    "format": str,
    "announcement": {"draw_id": str, "purpose": str, "count": int, "list": [str], "list_digest": str, "key_digest": str},
    "commitments": [{"party": str, "commitment": str}],
    "announced": str,
    "reveals": [{"party": str, "salt": str, "seed": str}],
}  # fmt: skip
_RESULT_SHAPE = {"seed": str, "drawn": [str]}


@dataclass(frozen=True)
class Reveal:
    """What a party made known of its secret, in hexadecimal digits."""

    party: str
    salt: str
    seed: str


@dataclass(frozen=True)
class Result:
    """The seed of all parties together and the drawn pseudonyms in their order."""

    seed: str
    drawn: tuple[str, ...]


@dataclass(frozen=True)
class PublicDraw:
    """`listed`: pseudonyms, sorted. `commitments`: (party, commitment) in the order of the parties, the opener first."""

    draw_id: str
    purpose: str
    count: int
    listed: tuple[str, ...]
    list_digest: str
    key_digest: (
        str  # SHA-256 of the pseudonym key: the clerk cannot find another list behind the pseudonyms later
    )
    commitments: tuple[tuple[str, str], ...] = ()
    announced: str = ""  # what all parties post before the first reveal; see `announced_digest`
    reveals: tuple[Reveal, ...] = ()
    result: Result | None = None

    @property
    def parties(self) -> tuple[str, ...]:
        """Who has committed, in order."""
        return tuple(party for party, _commitment in self.commitments)

    @property
    def awaited(self) -> tuple[str, ...]:
        """Who has committed and not yet revealed."""
        revealed = {reveal.party for reveal in self.reveals}
        return tuple(party for party in self.parties if party not in revealed)


def announced_digest(public: PublicDraw) -> str:
    """SHA-256 of all that is fixed before the first reveal, as one line of JSON without spaces."""
    fixed = [
        public.draw_id, public.purpose, public.count, public.list_digest, public.key_digest,
        [list(pair) for pair in public.commitments],
    ]  # fmt: skip
    return sha256(json.dumps(fixed, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()


def as_text(public: PublicDraw) -> str:
    """The record as it is published: JSON, keys sorted, one blank of indent a level, a newline at the end."""
    result = None
    if public.result is not None:
        result = {"seed": public.result.seed, "drawn": list(public.result.drawn)}
    value = {
        "format": FORMAT,
        "announcement": {
            "draw_id": public.draw_id, "purpose": public.purpose, "count": public.count,
            "list": list(public.listed), "list_digest": public.list_digest, "key_digest": public.key_digest,
        },
        "commitments": [{"party": party, "commitment": made} for party, made in public.commitments],
        "announced": public.announced,
        "reveals": [{"party": r.party, "salt": r.salt, "seed": r.seed} for r in public.reveals],
        "result": result,
    }  # fmt: skip
    return json.dumps(value, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def from_bytes(content: bytes) -> PublicDraw:
    """The record of a published file; DrawError when it is none or not written in the one way."""
    try:
        text = content.decode()
        value = json.loads(text)
    except (ValueError, RecursionError):
        raise DrawError("公示文件不是 UTF-8 的 JSON 文字") from None
    _fit(value, _SHAPE | {"result": object}, "公示文件")
    if value["format"] != FORMAT:
        raise DrawError(f"公示文件的格式（format）应为 {FORMAT}")
    if value["result"] is not None:
        _fit(value["result"], _RESULT_SHAPE, "result")
    public = _record(value)
    if as_text(public) != text:
        raise DrawError("公示文件的写法被改动过（空格、换行、转义或重复的键）")
    return public


def _record(value: dict[str, Any]) -> PublicDraw:
    told, result = value["announcement"], value["result"]
    return PublicDraw(
        told["draw_id"], told["purpose"], told["count"], tuple(told["list"]), told["list_digest"], told["key_digest"],
        tuple((made["party"], made["commitment"]) for made in value["commitments"]),
        value["announced"],
        tuple(Reveal(r["party"], r["salt"], r["seed"]) for r in value["reveals"]),
        None if result is None else Result(result["seed"], tuple(result["drawn"])),
    )  # fmt: skip


def _fit(value: Any, shape: Any, where: str) -> None:
    """DrawError that names the first part of `value` that is not of this shape."""
    if isinstance(shape, dict):
        if not isinstance(value, dict) or set(value) != set(shape):
            raise DrawError(f"{where}须恰有这些项：{'、'.join(sorted(shape))}")
        for name, part in shape.items():
            _fit(value[name], part, name)
    elif isinstance(shape, list):
        if not isinstance(value, list):
            raise DrawError(f"{where}应为列表")
        for item in value:
            _fit(item, shape[0], where)
    elif shape is not object and type(value) is not shape:  # True is an int to isinstance
        raise DrawError(f"{where}应为{'整数' if shape is int else '文字'}")
