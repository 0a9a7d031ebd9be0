"""The directory of an xlsx is judged before a byte of it is unpacked.

In: a path and limits. Out: nothing, or FileRefused. Never: unpacking (the parsing process does, and counts).

A directory may lie; what it claims must already be harmless and coherent: few parts, small sizes, low ratio,
plain names, no two parts that share bytes. The parsing process then checks the claims against the bytes.
"""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path, PurePosixPath

from tuogu.files.refusal import MIB, FileRefused, Limits

_END = struct.Struct("<4s4H2LH")
_END_MAGIC = b"PK\x05\x06"
_COMMENT_MAX = 65_535
_DIRECTORY_BYTES_A_PART = 1024  # generous: 46 fixed bytes, a name, extra fields
_LOCAL_HEADER_BYTES = 30
_RATIO_FLOOR_BYTES = MIB  # small parts may compress as well as they like
_OFFICE = {
    "word/document.xml": "Word 文档",
    "ppt/presentation.xml": "演示文稿",
    "content.xml": "OpenDocument 表格",
}


def check_zip(path: Path, limits: Limits) -> None:
    """Refuse a zip whose directory breaks a limit or contradicts itself."""
    _check_end(path, limits)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OverflowError, NotImplementedError, struct.error, UnicodeError):
        raise FileRefused("文件不完整或已损坏（压缩目录读不出来），请重新导出", "broken_zip") from None
    _check_kind({part.filename for part in parts})
    _check_names(parts)
    _check_sizes(parts, limits)
    _check_overlap(parts, path.stat().st_size)


def _check_end(path: Path, limits: Limits) -> None:
    """The end record: number of parts and size of the directory, before anything reads the directory."""
    size = path.stat().st_size
    with path.open("rb") as file:
        file.seek(max(0, size - _COMMENT_MAX - _END.size))
        tail = file.read()
    at = tail.rfind(_END_MAGIC)
    if at < 0 or len(tail) - at < _END.size:
        raise FileRefused("文件不完整或已损坏（缺少压缩目录），请重新导出或重新传送", "broken_zip")
    _, disk, start_disk, here, total, directory, offset, _comment = _END.unpack_from(tail, at)
    if 0xFFFF in (here, total) or 0xFFFFFFFF in (directory, offset):
        raise FileRefused("文件用了 zip64 结构，正常的工作簿不需要，不予读取", "zip64")
    if disk or start_disk or here != total:
        raise FileRefused("文件是分卷压缩包，不予读取", "broken_zip")
    if total > limits.parts_max or directory > limits.parts_max * _DIRECTORY_BYTES_A_PART:
        raise FileRefused(f"工作簿内有 {total:,} 个部件，超过上限 {limits.parts_max}", "too_many_parts")


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.xml" in names:
        return
    if "xl/workbook.bin" in names:
        raise FileRefused("不支持 xlsb（二进制工作簿），请在 Excel 中另存为 .xlsx", "unknown_format")
    for name, what in _OFFICE.items():
        if name in names:
            raise FileRefused(f"这是{what}，请另存为 .xlsx 后再导入", "unknown_format")
    raise FileRefused("这是压缩包，不是 Excel 工作簿；请先解压", "unknown_format")


def _check_names(parts: list[zipfile.ZipInfo]) -> None:
    seen: set[str] = set()
    for part in parts:
        name = part.orig_filename
        path = PurePosixPath(name.replace("\\", "/"))
        if "\x00" in name or path.is_absolute() or ".." in path.parts or ":" in name:
            raise FileRefused("工作簿内有越界的部件名，不予读取", "bad_part_name")
        if part.filename.lower() in seen:
            raise FileRefused("工作簿内有重名的部件，不予读取", "duplicate_part")
        seen.add(part.filename.lower())
        if part.flag_bits & 0x1:
            raise FileRefused("工作簿的部件被加密；请取消密码后再导入", "password")
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise FileRefused("工作簿用了 Excel 不用的压缩方法，不予读取", "bad_compression")


def _check_sizes(parts: list[zipfile.ZipInfo], limits: Limits) -> None:
    unpacked, packed = sum(p.file_size for p in parts), sum(p.compress_size for p in parts)
    if unpacked > limits.unpacked_bytes:
        raise FileRefused(
            f"解压后达 {unpacked / MIB:,.0f} MB，超过上限 {limits.unpacked_bytes / MIB:,.0f} MB",
            "unpacked_too_large",
        )
    for size, small in [(unpacked, packed), *((p.file_size, p.compress_size) for p in parts)]:
        if size > _RATIO_FLOOR_BYTES and size > limits.ratio_max * max(small, 1):
            raise FileRefused(
                f"压缩比达 {size // max(small, 1):,} 倍，超过上限 {limits.ratio_max} 倍，疑似压缩炸弹",
                "zip_bomb",
            )


def _check_overlap(parts: list[zipfile.ZipInfo], size: int) -> None:
    """Parts that share bytes are how a few kilobytes claim to be many gigabytes."""
    end = 0
    for part in sorted(parts, key=lambda p: p.header_offset):
        if part.header_offset < end or part.header_offset + _LOCAL_HEADER_BYTES + part.compress_size > size:
            raise FileRefused(
                "压缩目录与文件内容矛盾（部件互相重叠或越出文件），不予读取", "overlapping_parts"
            )
        end = part.header_offset + _LOCAL_HEADER_BYTES + part.compress_size
