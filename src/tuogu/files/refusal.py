"""Why a file is not read at all, and the limits that a file must keep.

In: nothing. Out: `FileRefused` with a Chinese message and a reason code, and `Limits`.
Never: a stack trace, or a part of the file's content, as a message.
"""

from __future__ import annotations

from dataclasses import dataclass

MIB = 1 << 20


class FileRefused(Exception):
    """A file that is not read. `message` is for the clerk, `reason_code` for programs and tests."""

    def __init__(self, message: str, reason_code: str) -> None:
        super().__init__(message)
        self.message, self.reason_code = message, reason_code


@dataclass(frozen=True)
class Limits:
    """What a file may cost. The defaults are those for an upload by a clerk."""

    workbook_bytes: int = 50 * MIB  # xlsx, xls
    text_bytes: int = 300 * MIB  # csv; text does not grow when it is read
    parquet_bytes: int = 2048 * MIB
    unpacked_bytes: int = 300 * MIB  # all parts of an xlsx together
    ratio_max: int = 100  # unpacked / packed, of any part over 1 MiB and of the whole
    parts_max: int = 200  # members of an xlsx
    files_max: int = 20  # files of a folder
    sheets_max: int = 50
    columns_max: int = 512
    rows_max: int = 1_048_576  # of a workbook's sheet
    text_rows_max: int = 20_000_000  # of a csv or Parquet file
    cell_chars_max: int = 32_767
    memory_bytes: int = 1536 * MIB  # address space of the parsing process
    cpu_seconds: int = 60
    wall_seconds: int = 90
    output_bytes: int = 8192 * MIB  # what the parsing process may write

    @classmethod
    def bulk(cls) -> Limits:
        """For a Parquet export of tens of millions of rows on a server, not for uploads."""
        gib = 1024 * MIB
        return cls(
            parquet_bytes=32 * gib,
            text_rows_max=200_000_000,
            memory_bytes=8 * gib,
            cpu_seconds=1800,
            wall_seconds=1800,
            output_bytes=128 * gib,
        )
