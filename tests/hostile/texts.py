"""csv files and folders that are not what they seem."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

from hostile import hostile

_HEADER = "客户号,姓名,联系电话\n"


def _bytes(folder: Path, data: bytes) -> Path:
    (folder / "客户.csv").write_bytes(data)
    return folder / "客户.csv"


@hostile("empty_file")
def empty_file(folder: Path) -> Path:
    return _bytes(folder, b"")


@hostile("no_header")
def csv_of_one_letter(folder: Path) -> Path:
    return _bytes(folder, b"x")


@hostile("no_known_sheet")
def csv_of_blank_lines(folder: Path) -> Path:
    return _bytes(folder, b"\r\n" * 100)


@hostile("nul_bytes")
def csv_with_nul(folder: Path) -> Path:
    return _bytes(folder, (_HEADER + "C1,张\x00三,13800138000\n").encode())


@hostile("nul_bytes")
def csv_with_nul_far_down(folder: Path) -> Path:
    return _bytes(folder, (_HEADER + "C1,张三,13800138000\n" * 5000 + "\x00").encode())


@hostile("nul_bytes")
def csv_of_noise(folder: Path) -> Path:
    return _bytes(folder, Random(1).randbytes(100_000))


@hostile("binary")
def csv_of_control_characters(folder: Path) -> Path:
    return _bytes(folder, b"\x01\x02\x03\x04" * 1000)


@hostile("bad_encoding")
def csv_in_no_encoding(folder: Path) -> Path:
    return _bytes(folder, _HEADER.encode() + b"C1,\xff\xff\x80\xff,1\n")


@hostile("bad_encoding")
def csv_utf32(folder: Path) -> Path:
    return _bytes(folder, _HEADER.encode("utf-32"))


@hostile("bad_encoding")
def csv_utf16_with_half_a_character(folder: Path) -> Path:
    return _bytes(folder, _HEADER.encode("utf-16")[:-1])


@hostile("bad_encoding")
def csv_utf8_mark_but_gb18030(folder: Path) -> Path:
    return _bytes(folder, b"\xef\xbb\xbf" + (_HEADER + "C1,张三,1\n").encode("gb18030"))


@hostile("cell_too_long")
def csv_quote_never_closed(folder: Path) -> Path:
    return _bytes(folder, (_HEADER + 'C1,"张三,13800138000\n' + "C2,李四,13800138000\n" * 3000).encode())


@hostile("cell_too_long")
def csv_cell_of_a_megabyte(folder: Path) -> Path:
    return _bytes(folder, (_HEADER + "C1," + "长" * 400_000 + ",1\n").encode())


@hostile("too_many_columns")
def csv_of_10000_columns(folder: Path) -> Path:
    return _bytes(folder, ("a," * 10_000 + "\n").encode())


@hostile("missing_columns")
def csv_with_the_wrong_separator(folder: Path) -> Path:
    return _bytes(folder, "姓名~性别~客户号\n张三,男,C1\n姓名,性别,电话\n".encode())


@hostile("empty_folder")
def folder_of_nothing(folder: Path) -> Path:
    (folder / "空").mkdir()
    return folder / "空"


@hostile("too_many_files")
def folder_of_21_files(folder: Path) -> Path:
    for number in range(21):
        (folder / f"{number}.csv").write_text(_HEADER, "utf-8")
    return folder


@hostile("two_sheets")
def folder_with_customers_twice(folder: Path) -> Path:
    for name in ("客户.csv", "客户信息.csv"):
        (folder / name).write_text(_HEADER + "C1,张三,13800138000\n", "utf-8")
    return folder


@hostile("not_a_file")
def link_to_a_file_outside(folder: Path) -> Path:
    (folder / "客户.csv").symlink_to("/etc/passwd")
    return folder / "客户.csv"


@hostile("not_a_file")
def pipe_that_never_speaks(folder: Path) -> Path:
    os.mkfifo(folder / "客户.csv")
    return folder / "客户.csv"


@hostile("not_a_file")
def file_that_is_not_there(folder: Path) -> Path:
    return folder / "客户.csv"
