"""What a clerk says about headers: on the command line, in TOML, and what the reader makes of it."""

from __future__ import annotations

import pytest

from tuogu import files
from tuogu.core.reasons import REASONS
from tuogu.core.reject_advice import ADVICE
from tuogu.core.rejected_cells import rejected_cells
from tuogu.files.mapping import HeaderMapping, parse_mapping, read_mapping
from tuogu.files.refusal import FileRefused

HEADER = "流水,怎么交,缴费频次,保费,生效日期,保单状态,投保人客户号"
POLICIES = f"{HEADER}\nP1,期交,年交,1200,2011-03-05,有效,C1\nP2,期交,年交,x,2011-03-05,有效,C1\n"


@pytest.fixture
def strange(tmp_path):
    file = tmp_path / "保单.csv"
    file.write_text(POLICIES, "utf-8")
    return file


def test_lines_and_toml_say_the_same(tmp_path):
    lines = parse_mapping(["保单.流水=保单号码", "保单.怎么交=premium_mode", "备用=不用"])
    assert lines.columns["policies"] == {"流水": "policy_number", "怎么交": "premium_mode", "备用": ""}
    file = tmp_path / "map.toml"
    file.write_text('["保单"]\n"流水" = "保单号码"\n"怎么交" = "缴费方式"\n', "utf-8")
    assert read_mapping(file).columns["policies"] == {"流水": "policy_number", "怎么交": "premium_mode"}
    assert HeaderMapping.from_json(lines.as_json()) == lines


@pytest.mark.parametrize("line", ["流水", "=保单号码", "流水=没有这一列", "人员.流水=保单号码"])
def test_a_line_that_means_nothing_is_refused(line):
    with pytest.raises(FileRefused):
        parse_mapping([line])


def test_two_headers_for_one_column_are_refused():
    with pytest.raises(FileRefused, match="两列"):
        parse_mapping(["保单.甲=保单号码", "保单.乙=保单号码"])


@pytest.mark.req("P-13")
def test_the_reader_follows_the_mapping(strange):
    with pytest.raises(FileRefused, match="保单号码"):
        files.read_workbook(strange)
    mapping = parse_mapping(["流水=保单号码", "怎么交=缴费方式"])
    sheet = files.read_workbook(strange, mapping=mapping).sheets["policies"]
    assert sheet.mapping["流水"] == "policy_number"
    assert sheet.mapping["怎么交"] == "premium_mode"


def test_a_sheet_may_be_given_another_kind_or_none(strange, tmp_path):
    assert not files.assemble(
        files.parse(_two(tmp_path)), mapping=HeaderMapping({"保单": ""})
    ).sheets.keys() & {"policies"}
    renamed = tmp_path / "导出.csv"
    strange.rename(renamed)
    mapping = HeaderMapping(
        {"导出": "policies"}, parse_mapping(["保单.流水=保单号码", "保单.怎么交=缴费方式"]).columns
    )
    assert files.read_workbook(renamed, mapping=mapping).sheets["policies"].frame.height == 2


def _two(folder):
    where = folder / "both"
    where.mkdir()
    (where / "保单.csv").write_text(POLICIES, "utf-8")
    (where / "客户.csv").write_text("客户号,姓名\nC1,张三\n", "utf-8")
    return where


def test_a_sketch_names_what_is_missing_and_masks_what_it_does_not_know(tmp_path):
    file = tmp_path / "客户.csv"
    file.write_text("客户号,称呼,联系电话,备注\nC1,张三,13800138000,330203199001011234\n", "utf-8")
    (sheet,) = files.sketch(files.parse(file), HeaderMapping())
    assert (sheet.kind, sheet.rows, sheet.missing, sheet.unknown) == ("customers", 1, ("name",), 2)
    shown = {c.header: c.samples for c in sheet.columns}
    assert shown["客户号"] == ("C1",)
    assert shown["联系电话"] == ("138***00（11位）",)
    assert shown["备注"] == ("330***34（18位）",)
    assert shown["称呼"] == ("张**",)


def test_every_reject_reason_has_its_few_words_and_its_advice():
    assert set(ADVICE) == {code for code, reason in REASONS.items() if reason.group == "reject"}
    assert all(wrong and advice for wrong, advice in ADVICE.values())


def test_rejected_cells_are_masked_and_stand_by_row(tmp_path):
    from datetime import date

    from tuogu.core.intake import standardise

    file = tmp_path / "客户.csv"
    file.write_text("客户号,姓名,联系电话\nC1,张三,138001380\nC2,,13800138000\n", "utf-8")
    raw = files.read_workbook(file)
    lines = rejected_cells(raw, standardise(raw, date(2026, 10, 31)).rejects)
    assert lines.select("row", "column", "value", "wrong").rows() == [
        (2, "联系电话", "138***80（9位）", "不是手机号，也不是带区号的固话"),
        (3, "姓名", None, "必填项为空"),
    ]
