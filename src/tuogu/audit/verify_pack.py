"""python verify_pack.py PACK.zip [DIGEST]   checks an audit pack with nothing but Python.

DIGEST is what was announced when the pack was made (SHA-256 of the file); without it PACK.zip.sha256 beside the file
is read, and without that the pack can only be checked against itself.

In: the file. Out: a list of what does not fit, empty when all is well. Never: a look at the database.
"""

from __future__ import annotations

import hashlib
import json
import struct
import sys
import zipfile
import zlib
from pathlib import Path
from typing import Any

FORMAT = "tuogu-audit-1"
_UNREADABLE = {"BadZipFile": "不是完整的检查包：不是 zip 文件，或其中有字节变了"}
SEPARATOR = "\x1f"
_BROKEN = (  # what the library says of a file that was tampered with
    EOFError, KeyError, OSError, RuntimeError, TypeError, ValueError, struct.error, zipfile.BadZipFile, zlib.error,
)  # fmt: skip


def sha(content: bytes) -> str:
    """SHA-256 in hex."""
    return hashlib.sha256(content).hexdigest()


def link_digest(link: dict[str, Any]) -> str:
    """The digest of one link of the chain, from what the link states."""
    names = (
        "number", "previous_digest", "entries", "last_entry_id", "lines_digest", "entries_digest", "by", "recorded_at",
    )  # fmt: skip
    return sha(SEPARATOR.join(str(link[name]) for name in names).encode())


def faults(path: Path, announced: str = "") -> list[str]:
    """What does not fit, each as one line; empty = the pack is as it was made."""
    whole = path.read_bytes()
    found = []
    if announced and sha(whole) != announced:
        found.append(f"文件与公布的摘要不符：文件为 {sha(whole)}，公布的是 {announced}")
    try:
        with zipfile.ZipFile(path) as pack:
            manifest = json.loads(pack.read("manifest.json"))
            if manifest["format"] != FORMAT:
                return [*found, f"不是检查包（格式应为 {FORMAT}）"]
            return [*found, *_files(pack, manifest), *_chain(pack, manifest)]
    except _BROKEN as error:
        return [*found, _UNREADABLE.get(type(error).__name__, "检查包残缺或已改动") + f"（{error}）"]


def _files(pack: zipfile.ZipFile, manifest: dict[str, Any]) -> list[str]:
    """Every file as the manifest states it, none more, none fewer."""
    stated = {file["path"]: file for file in manifest["files"]}
    inside = [name for name in pack.namelist() if name != "manifest.json"]
    found = [f"目录里没有的文件：{name}" for name in inside if name not in stated]
    found += [f"缺少文件：{name}" for name in stated if name not in inside]
    for name in inside:
        if name in stated and sha(pack.read(name)) != stated[name]["sha256"]:
            found.append(f"内容已改动：{name}")
    root = sha("".join(f"{file['sha256']}  {file['path']}\n" for file in manifest["files"]).encode())
    return found if root == manifest["root"] else [*found, "目录的总摘要与各文件不符"]


def _chain(pack: zipfile.ZipFile, manifest: dict[str, Any]) -> list[str]:
    """Each seal recomputed from its lines, each link from the one before."""
    found, previous = [], manifest["chain_before"]
    for link in json.loads(pack.read("ledger/seals.json")):
        name = f"ledger/seal-{link['number']:08d}.txt"
        text = pack.read(name).decode()
        lines = text.split("\n")[:-1]
        digests = b"".join(hashlib.sha256(line.encode()).digest() for line in lines)
        if link["previous_digest"] != previous:
            found.append(f"封条 {link['number']} 与上一号接不上")
        if (len(lines), sha(text.encode()), sha(digests)) != (
            link["entries"], link["lines_digest"], link["entries_digest"],
        ):  # fmt: skip
            found.append(f"封条 {link['number']} 内的记录不是当时封存的")
        if link_digest(link) != link["digest"]:
            found.append(f"封条 {link['number']} 的摘要与所写不符")
        previous = link["digest"]
    return found


def announced_beside(path: Path) -> str:
    """The digest in PACK.zip.sha256; '' without such a file."""
    beside = path.with_name(path.name + ".sha256")
    return beside.read_text(encoding="utf-8").split()[0] if beside.exists() else ""


def main(path: str, announced: str = "") -> int:
    """Print what does not fit; exit code 0 = as made, 1 = not."""
    announced = announced or announced_beside(Path(path))
    found = faults(Path(path), announced)
    if not announced:
        sys.stderr.write("没有给出公布的摘要：只核对了包内各项是否相符\n")
    sys.stdout.write("".join(f"{line}\n" for line in found) or "fits\n")
    return 1 if found else 0


if __name__ == "__main__":
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__.splitlines()[0] if __doc__ else 2)
    sys.exit(main(*sys.argv[1:]))
