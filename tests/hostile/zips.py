"""Zip directories that lie, and zips that are no workbook."""

from __future__ import annotations

import struct
import zipfile
from pathlib import Path

from hostile import hostile, raw_xlsx

_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"
_SHEET = "xl/worksheets/sheet1.xml"


def _patched(path: Path, part: str, *, at: int, value: bytes, local_at: int | None = None) -> Path:
    """Overwrite a field of the directory entry of `part` (and of its local header)."""
    data = bytearray(path.read_bytes())
    name = part.encode()
    place = data.index(_CENTRAL)
    while data[place + 46 : place + 46 + len(name)] != name:
        place = data.index(_CENTRAL, place + 1)
    if local_at is not None:
        local = struct.unpack_from("<L", data, place + 42)[0]
        data[local + local_at : local + local_at + len(value)] = value
    data[place + at : place + at + len(value)] = value
    path.write_bytes(data)
    return path


def _end_patched(path: Path, at: int, value: bytes) -> Path:
    data = bytearray(path.read_bytes())
    place = data.rindex(_END)
    data[place + at : place + at + len(value)] = value
    path.write_bytes(data)
    return path


@hostile("broken_zip")
def xlsx_cut_in_half(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return path


@hostile("broken_zip")
def xlsx_last_bytes_missing(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    path.write_bytes(path.read_bytes()[:-10])
    return path


@hostile("broken_zip")
def xlsx_magic_only(folder: Path) -> Path:
    path = folder / "book.xlsx"
    path.write_bytes(b"PK\x03\x04")
    return path


@hostile("broken_zip")
def xlsx_with_a_megabyte_behind(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    path.write_bytes(path.read_bytes() + b"\x00" * (1 << 20))
    return path


@hostile("zip_bomb")
def xlsx_bomb(folder: Path) -> Path:
    return raw_xlsx.write(
        folder / "book.xlsx", raw_xlsx.parts() | {"xl/media/image1.png": b"\x00" * (64 << 20)}
    )


@hostile("zip_bomb")
def xlsx_bomb_in_the_sheet(folder: Path) -> Path:
    rows = raw_xlsx.CUSTOMERS + '<row r="3"><c r="A3"><v>1</v></c></row>' * 400_000
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts(rows))


@hostile("unpacked_too_large")
def xlsx_claims_400_megabytes(folder: Path) -> Path:
    path = raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | {"xl/media/a.png": b"\x00"})
    return _patched(path, "xl/media/a.png", at=24, value=struct.pack("<L", 400 << 20))


@hostile("lying_size")
def xlsx_claims_less_than_it_holds(folder: Path) -> Path:
    path = raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | {"xl/media/a.png": b"\x00" * (20 << 20)})
    return _patched(path, "xl/media/a.png", at=24, value=struct.pack("<L", 100), local_at=22)


@hostile("lying_size")
def xlsx_claims_more_than_it_holds(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    return _patched(path, _SHEET, at=24, value=struct.pack("<L", 900_000), local_at=22)


@hostile("broken_zip")
def xlsx_claims_fewer_packed_bytes(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    return _patched(path, _SHEET, at=20, value=struct.pack("<L", 20), local_at=18)


@hostile("too_many_parts")
def xlsx_of_201_parts(folder: Path) -> Path:
    extra = {f"xl/media/{i}.png": b"x" for i in range(201)}
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | extra)


@hostile("too_many_parts")
def xlsx_of_60000_parts(folder: Path) -> Path:
    extra = {f"{i}": b"" for i in range(60_000)}
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | extra, zipfile.ZIP_STORED)


@hostile("overlapping_parts")
def xlsx_parts_share_bytes(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    data = path.read_bytes()
    first = data.index(_CENTRAL)
    offset = data[first + 42 : first + 46]
    return _patched(path, _SHEET, at=42, value=offset)


@hostile("overlapping_parts")
def xlsx_part_beyond_the_end(folder: Path) -> Path:
    return _patched(raw_xlsx.plain(folder), _SHEET, at=42, value=struct.pack("<L", 0x7FFFFFFF))


@hostile("duplicate_part")
def xlsx_part_twice(folder: Path) -> Path:
    content = raw_xlsx.parts() | {"xl/worksheets/sheet2.xml": raw_xlsx.sheet("")}
    path = raw_xlsx.write(folder / "book.xlsx", content)
    path.write_bytes(path.read_bytes().replace(b"sheet2.xml", b"sheet1.xml"))
    return path


@hostile("bad_part_name")
def xlsx_part_climbs_out(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | {"../../../tmp/owned": "x"})


@hostile("bad_part_name")
def xlsx_part_from_the_root(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | {"/etc/passwd": "x"})


@hostile("bad_part_name")
def xlsx_part_on_a_drive(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | {"C:\\Windows\\x": "x"})


@hostile("bad_part_name")
def xlsx_part_name_with_nul(folder: Path) -> Path:
    path = raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts() | {"xl/aQb": "x"})
    path.write_bytes(path.read_bytes().replace(b"xl/aQb", b"xl/a\x00b"))
    return path


@hostile("zip64")
def xlsx_zip64_end_record(folder: Path) -> Path:
    return _end_patched(raw_xlsx.plain(folder), 8, b"\xff\xff\xff\xff")


@hostile("zip64")
def xlsx_zip64_directory_size(folder: Path) -> Path:
    return _end_patched(raw_xlsx.plain(folder), 12, b"\xff\xff\xff\xff")


@hostile("broken_zip")
def xlsx_in_volumes(folder: Path) -> Path:
    return _end_patched(raw_xlsx.plain(folder), 4, b"\x02\x00")


@hostile("password")
def xlsx_part_encrypted(folder: Path) -> Path:
    return _patched(raw_xlsx.plain(folder), _SHEET, at=8, value=b"\x01\x00", local_at=6)


@hostile("bad_compression")
def xlsx_packed_with_lzma(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", raw_xlsx.parts(), zipfile.ZIP_LZMA)


@hostile("broken_zip")
def xlsx_packed_bytes_broken(folder: Path) -> Path:
    path = raw_xlsx.plain(folder)
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x03\x04", data.index(_SHEET.encode()) - 40) + 30 + len(_SHEET)
    data[at : at + 40] = b"\xff" * 40
    path.write_bytes(data)
    return path


@hostile("unknown_format")
def zip_of_a_csv(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", {"客户.csv": "客户号,姓名\nC1,张三\n"})


@hostile("unknown_format")
def zip_of_a_workbook(folder: Path) -> Path:
    inner = raw_xlsx.plain(folder, "inner.xlsx").read_bytes()
    return raw_xlsx.write(folder / "book.xlsx", {"book.xlsx": inner})


@hostile("unknown_format")
def word_document_as_xlsx(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", {"word/document.xml": "<w/>"})


@hostile("unknown_format")
def opendocument_as_xlsx(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsx", {"mimetype": "x", "content.xml": "<office/>"})


@hostile("unknown_format")
def binary_workbook(folder: Path) -> Path:
    return raw_xlsx.write(folder / "book.xlsb", {"xl/workbook.bin": b"\x83\x01"})
