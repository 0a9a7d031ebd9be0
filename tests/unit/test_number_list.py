"""A clerk's list of numbers: which files are taken, and what is refused with the row that is wrong."""

from __future__ import annotations

import io
from pathlib import Path

import polars as pl
import pytest

from tuogu.files.number_list import read_numbers
from tuogu.files.refusal import FileRefused

pytestmark = pytest.mark.req("N-05")


def written(folder: Path, text: str) -> Path:
    path = folder / "list.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_one_column_needs_no_name_and_blank_rows_count_not(tmp_path: Path) -> None:
    assert read_numbers(written(tmp_path, "客户号\n0001\n ｃ２ \n\n3\n")).to_list() == ["0001", "C2", "3"]


def test_a_column_is_named_where_there_are_several(tmp_path: Path) -> None:
    path = written(tmp_path, "姓名,保单号\n张三,P1\n李四,P2\n")
    assert read_numbers(path, "保单号").to_list() == ["P1", "P2"]
    for column in ("", "客户号"):
        with pytest.raises(FileRefused, match="姓名、保单号"):
            read_numbers(path, column)


def test_a_workbook_and_a_parquet_file_give_the_same(tmp_path: Path) -> None:
    frame = pl.DataFrame({"保单号": ["001", "002"]})
    frame.write_parquet(tmp_path / "list.parquet")
    buffer = io.BytesIO()
    frame.write_excel(buffer)
    (tmp_path / "list.xlsx").write_bytes(buffer.getvalue())
    for name in ("list.parquet", "list.xlsx"):
        assert read_numbers(tmp_path / name).to_list() == ["001", "002"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("0001\n0002\n", "第一行应为列名，却像一个号码：0001"),
        ("客户号\nA1\nA2\nA1\n", "第 2、4 行的号码在名单里重复"),
        ("客户号,姓名\nA1,张三\n,李四\n", "第 3 行不是完整的号码"),
        ("客户号,姓名\n3.30203198001011E+17,张三\n", "第 2 行不是完整的号码"),
        ("客户号\n" + "A1\n" * 8, "第 2、3、4、5、6 行等 8 行的号码在名单里重复"),
        ("客户号\n", "名单里没有号码"),
    ],
)
def test_numbers_that_cannot_be_taken_as_they_stand_are_refused(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(FileRefused, match=said):
        read_numbers(written(tmp_path, text), "客户号" if "," in text else "")


def test_two_sheets_are_refused(tmp_path: Path) -> None:
    from xlsxwriter import Workbook

    with Workbook(tmp_path / "list.xlsx") as book:
        for _ in range(2):
            book.add_worksheet().write_string(0, 0, "客户号")
    with pytest.raises(FileRefused, match="这里有 2 张"):
        read_numbers(tmp_path / "list.xlsx")
