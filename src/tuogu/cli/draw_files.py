"""The files of a draw: the public record, each party's secret, the clerk's key and, in the end, the drawn numbers.

In: paths. Out: values of core. Never: a secret that others may read, a secret overwritten, a public record half written.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from tuogu.core.draw import DrawError
from tuogu.core.lots.record import PublicDraw, as_text, from_bytes
from tuogu.files.refusal import Limits
from tuogu.files.safe_csv import write_csv

_PRIVATE = 0o600
_SAFE = re.compile(r"[\w.-]+")


@dataclass(frozen=True)
class Secret:
    """What a party keeps to itself until it reveals; `bound_to` is the announcement that it committed to."""

    party: str
    salt: bytes
    seed: bytes
    list_digest: str
    bound_to: str


@dataclass(frozen=True)
class Key:
    """What the clerk keeps for good: pseudonym → number, and the key that made the pseudonyms."""

    key: bytes
    names: dict[str, str]


def public_file(folder: Path, draw_id: str) -> Path:
    """Where the record of this draw is published."""
    return folder / f"{draw_id}.public.json"


def secret_file(folder: Path, draw_id: str, party: str) -> Path:
    """Where this party's seed and salt lie; DrawError for a name that could lead out of the folder."""
    if not _SAFE.fullmatch(party):
        raise DrawError("参与方的名称会用作文件名，只能用文字、数字、点、横线和下划线")
    return folder / f"{draw_id}.{party}.secret.json"


def key_file(folder: Path, draw_id: str) -> Path:
    """Where the clerk's key lies."""
    return folder / f"{draw_id}.key.json"


def drawn_file(folder: Path, draw_id: str) -> Path:
    """Where the drawn numbers are written for the clerk."""
    return folder / f"{draw_id}.drawn.csv"


def read_public(path: Path) -> PublicDraw:
    """The record of a published file; DrawError when it is none."""
    return from_bytes(_content(path))


def write_public(path: Path, public: PublicDraw) -> None:
    """The record as a whole or not at all: readers never see half of it."""
    with tempfile.NamedTemporaryFile(
        "w", encoding="utf-8", newline="", dir=path.parent, delete=False
    ) as file:
        file.write(as_text(public))
        file.flush()
        os.fsync(file.fileno())
    Path(file.name).chmod(0o644)
    Path(file.name).replace(path)


def write_secret(path: Path, draw_id: str, secret: Secret) -> None:
    """A new file that only its owner reads."""
    _write_private(path, {
        "draw_id": draw_id, "party": secret.party, "list_digest": secret.list_digest, "bound_to": secret.bound_to,
        "salt": secret.salt.hex(), "seed": secret.seed.hex(),
    })  # fmt: skip


def read_secret(path: Path) -> Secret:
    """A party's secret; DrawError when the file is none."""
    value = _json(path)
    try:
        return Secret(
            value["party"], bytes.fromhex(value["salt"]), bytes.fromhex(value["seed"]), value["list_digest"],
            value["bound_to"],
        )  # fmt: skip
    except (KeyError, TypeError, ValueError):
        raise DrawError(f"{path.name} 不是参与方的密件") from None


def write_key(path: Path, draw_id: str, key: Key) -> None:
    """A new file that only the clerk reads."""
    _write_private(path, {"draw_id": draw_id, "key": key.key.hex(), "names": key.names})


def read_key(path: Path) -> Key:
    """The clerk's key; DrawError when the file is none."""
    value = _json(path)
    try:
        return Key(bytes.fromhex(value["key"]), {str(k): str(v) for k, v in value["names"].items()})
    except (KeyError, TypeError, ValueError, AttributeError):
        raise DrawError(f"{path.name} 不是化名密钥文件") from None


def write_drawn(path: Path, public: PublicDraw, numbers: list[str]) -> None:
    """The drawn numbers in their order, for the clerk's eyes; the same bytes whenever it is written anew."""
    names = [] if public.result is None else list(public.result.drawn)
    frame = pl.DataFrame({"序号": range(1, len(numbers) + 1), "号码": numbers, "化名": names})
    path.touch(_PRIVATE)
    path.chmod(_PRIVATE)
    write_csv(frame, path)


def _write_private(path: Path, value: dict[str, Any]) -> None:
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _PRIVATE)
    except FileExistsError:
        raise DrawError(f"{path} 已存在，密件不会被覆盖") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.flush()
        os.fsync(file.fileno())


def _content(path: Path) -> bytes:
    limit = Limits().text_bytes
    if path.stat().st_size > limit:
        raise DrawError(f"{path.name} 超过 {limit >> 20} MB，不读取")
    return path.read_bytes()


def _json(path: Path) -> Any:
    try:
        return json.loads(_content(path))
    except (ValueError, RecursionError):
        raise DrawError(f"{path.name} 不是 JSON") from None
