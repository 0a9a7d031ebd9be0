"""What a file really is, by its first bytes; its name is only a hint.

In: a path. Out: xlsx, xls, csv or parquet. Never: parsing; a decision by extension alone.
"""

from __future__ import annotations

from pathlib import Path

from tuogu.files.refusal import MIB, FileRefused, Limits

_HEAD_BYTES = 4096
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED = "EncryptedPackage".encode("utf-16-le")
_FOREIGN = (
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "图片"),
    (b"\xff\xd8\xff", "图片"),
    (b"GIF8", "图片"),
    (b"\x1f\x8b", "压缩包（gzip）"),
    (b"Rar!", "压缩包（rar）"),
    (b"7z\xbc\xaf", "压缩包（7z）"),
    (b"BZh", "压缩包（bzip2）"),
    (b"\xfd7zXZ", "压缩包（xz）"),
    (b"\x28\xb5\x2f\xfd", "压缩包（zstd）"),
    (b"SQLite format 3", "数据库文件"),
    (b"\x7fELF", "程序"),
    (b"MZ\x90\x00", "程序"),
    (b"{\\rtf", "RTF 文档"),
)
_MARKUP = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<style", b"<meta", b"mime-version")


def sniff(path: Path, limits: Limits) -> str:
    """The format of one regular file; FileRefused when it is none of ours, empty or too large."""
    if path.is_symlink() or not path.is_file():
        raise FileRefused(f"找不到文件“{path.name}”，或它不是普通文件", "not_a_file")
    size = path.stat().st_size
    if size == 0:
        raise FileRefused("文件是空的（0 字节）", "empty_file")
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    found = _by_magic(path, head, limits)
    limit = {"xlsx": limits.workbook_bytes, "xls": limits.workbook_bytes, "parquet": limits.parquet_bytes}
    allowed = limit.get(found, limits.text_bytes)
    if size > allowed:
        raise FileRefused(
            f"文件 {size / MIB:,.1f} MB，超过上限 {allowed / MIB:,.0f} MB，请拆分后导入", "file_too_large"
        )
    return found


def _by_magic(path: Path, head: bytes, limits: Limits) -> str:
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08")):
        return "xlsx"
    if head.startswith(_OLE):
        return _ole(path, limits)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith(b"PARE"):
        raise FileRefused("这是加密的 Parquet 文件，请导出不加密的文件", "password")
    for magic, what in _FOREIGN:
        if head.startswith(magic):
            raise FileRefused(f"这是{what}，不是表格；可导入 xlsx、xls、csv 和 Parquet", "unknown_format")
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_MARKUP):
        raise FileRefused(
            "这是网页（HTML/XML）格式，只是用了表格的扩展名；请在 Excel 中打开，另存为 .xlsx 后再导入",
            "markup",
        )
    return "csv"


def _ole(path: Path, limits: Limits) -> str:
    """xls, unless the old container only wraps an encrypted xlsx."""
    if path.stat().st_size > limits.workbook_bytes:
        return "xls"  # the size limit of this format refuses it
    if _ENCRYPTED in path.read_bytes():
        raise FileRefused("工作簿设有打开密码；请在 Excel 中取消密码，另存后再导入", "password")
    return "xls"
