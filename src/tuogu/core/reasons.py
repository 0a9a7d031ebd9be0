"""The one vocabulary of reasons: why a row was rejected, accepted with a remark, or why an address waits.

In: a reason code. Out: its Chinese sentence for the clerk and its English meaning.
Never: a code used anywhere in intake that does not stand here.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """One reason. `sentence` may hold {column} (header as written), {value} (masked), {other} (a row), {hint} (words)."""

    code: str
    group: str  # reject | warning | address
    sentence: str
    english: str


# A row comes back.
_REJECTS: dict[str, tuple[str, str]] = {
    "missing_value": ("“{column}”是必填项，这一行没有填写", "required value is empty"),
    "excel_error": ("“{column}”是 Excel 错误值 {value}，请改正公式后粘贴为数值", "Excel error value"),
    "formula_without_result": (
        "“{column}”是没有计算结果的公式，请在 Excel 中打开、粘贴为数值后另存",
        "formula that was never computed",
    ),
    "too_many_cells": (
        "这一行的单元格比表头多（{value}），可能有未加引号的分隔符使各列错位",
        "more cells than headers",
    ),
    "garbled_text": ("“{column}”含乱码，请检查文件编码", "text is garbled"),
    "rounded_number": (
        "“{column}”的号码被 Excel 当作数字存放，第 15 位以后已丢失（{value}），请从业务系统重新导出为文本",
        "Excel rounded this number; its digits are lost",
    ),
    "bad_identifier": (
        "“{column}”的值“{value}”不是有效编号（只允许字母、数字和 - _ / . #，最长 40 位）",
        "not a valid identifier",
    ),
    "bad_id_number": (
        "证件号码“{value}”不是 15 位或 18 位有效身份证号码",
        "not a resident ID of 15 or 18 digits",
    ),
    "bad_id_check_digit": ("证件号码“{value}”的校验位不符，请核对", "check digit of the ID is wrong"),
    "bad_id_birth_date": (
        "证件号码“{value}”中的出生日期不存在或晚于数据日期",
        "birth date inside the ID does not exist",
    ),
    "birth_id_mismatch": ("“{column}”与证件号码中的出生日期不一致", "birth date differs from the ID"),
    "bad_name": ("“{column}”的值“{value}”不像姓名或名称", "not a name"),
    "bad_phone": (
        "“{column}”的值“{value}”不是 11 位手机号，也不是带区号的固定电话",
        "not a phone number",
    ),
    "bad_date": ("“{column}”的值“{value}”不是能唯一确定的日期，请写成 2011-03-05", "not a date"),
    "impossible_date": ("“{column}”的日期“{value}”不存在", "this date does not exist"),
    "date_out_of_range": ("“{column}”的日期“{value}”超出合理范围（1880—2200 年）", "date out of range"),
    "future_date": ("“{column}”的日期“{value}”晚于数据日期", "date after the data date"),
    "date_order": ("“{column}”的日期“{value}”早于其起始日期", "date before the date it must follow"),
    "bad_money": ("“{column}”的值“{value}”不是有效金额（元，最多两位小数）", "not an amount of money"),
    "negative_money": ("“{column}”的金额“{value}”为负数", "amount is negative"),
    "bad_number": ("“{column}”的值“{value}”不是有效整数", "not a whole number in range"),
    "unknown_value": ("“{column}”的值“{value}”不在可选项之内", "not one of the allowed values"),
    "mode_mismatch": (
        "缴费方式与“{column}”（{value}）矛盾：趸交没有年缴次数，期交必须有",
        "premium mode and frequency disagree",
    ),
    "main_number_on_main": ("主险不应填写“{column}”（{value}）", "a main policy names another main policy"),
    "duplicate_row": ("与第 {other} 行完全相同，只保留那一行", "identical to an earlier row"),
    "duplicate_key": (
        "“{column}”“{value}”与第 {other} 行重复而内容不同；保留那一行",
        "same number as an earlier row, other content",
    ),
    "unknown_holder": ("“{column}”“{value}”在客户表中不存在", "policyholder is not in the customers"),
    "holder_rejected": (
        "“{column}”“{value}”的客户行被退回，请先改正客户表",
        "the policyholder's row was rejected",
    ),
    "unknown_insured": ("“{column}”“{value}”在客户表中不存在", "insured is not in the customers"),
    "insured_rejected": (
        "“{column}”“{value}”的客户行被退回，请先改正客户表",
        "the insured's row was rejected",
    ),
    "unknown_main": ("附加险的“{column}”“{value}”找不到对应的主险", "rider without its main policy"),
    "main_rejected": ("附加险的主险“{value}”被退回，请先改正主险", "the main policy's row was rejected"),
    "main_is_rider": (
        "“{column}”“{value}”本身是附加险，不能作为主险",
        "the main policy named is a rider",
    ),
    "unknown_institution": (
        "“{column}”“{value}”在机构表中不存在",
        "institution is not in the institutions",
    ),
    "bad_region_code": ("“{column}”的值“{value}”不是 2、4、6、9 或 12 位区划代码", "not a region code"),
    "bad_coordinate": ("“{column}”的值“{value}”不是中国境内的经纬度", "not a coordinate within China"),
    "bad_month": ("“{column}”的值“{value}”不是月份，请写成 2026-10", "not a month"),
    "future_month": ("“{column}”的月份“{value}”晚于数据日期", "month after the data date"),
    "unknown_fact": ("没有叫“{value}”的考核指标；{hint}", "no fact of this name"),
    "fact_of_person": (
        "“{column}”“{value}”是部门；这项指标按人员填报",
        "a fact of people filed for a department",
    ),
    "fact_of_department": (
        "“{column}”“{value}”是人员；这项指标按部门填报",
        "a fact of departments filed for a person",
    ),
    "own_points": ("“{column}”“{value}”是本人；自己不能给自己打分", "the author of points is their subject"),
    "unknown_rank": ("“{value}”不在制度的职级表；可写：{hint}", "not a rank of the rulebook"),
    "second_of_year": (
        "“{column}”的“{value}”重复：全年的指标一年只填一个月，这一年已填在 {hint}",
        "a yearly fact under a second month of the year",
    ),
    "bad_figure": (
        "“{column}”的值“{value}”不是这项指标的写法，应为{hint}",
        "not a figure in the scale of this fact",
    ),
    "figure_out_of_range": ("“{column}”的值“{value}”超出范围（{hint}）", "figure out of range"),
    "unknown_subject": (
        "“{column}”“{value}”既不是人员表中的工号，也不是机构表中的部门代码",
        "neither a staff number nor a department",
    ),
    "unknown_author": ("“{column}”“{value}”在人员表中不存在", "author is not in the people"),
    "duplicate_fact": (
        "对象、月份、指标与第 {other} 行相同而内容不同；保留那一行",
        "same subject, month and fact as an earlier row, other content",
    ),
    "bad_plate": ("“{column}”的值“{value}”不是车牌号，请写成 浙B12345", "not a plate number"),
    "bad_frame": (
        "“{column}”的值“{value}”不是 17 位车架号（不含字母 I、O、Q）",
        "not a frame number of 17 characters",
    ),
    "no_vehicle": ("“{column}”与车架号都没有填写，认不出是哪辆车", "neither plate nor frame number"),
    "own_previous": ("“{column}”“{value}”就是这张保单自己的号码", "a policy names itself as its predecessor"),
    "out_of_scope": (
        "“{column}”不在你的范围内，或没有这个编号；这一行不能由你导入",
        "outside the scope of whoever imports",
    ),
    "mixed_datum": ("同一文件混用多种坐标系（本行为 {value}），坐标一律不采用", "several datums in one file"),
}
# A row is accepted with a remark.
_WARNINGS: dict[str, tuple[str, str]] = {
    "sex_id_mismatch": ("“{column}”与证件号码的性别位不一致，按填写的性别采用", "sex differs from the ID"),
    "filled_from_id": ("“{column}”为空，按证件号码补上", "filled from the ID"),
    "id_upgraded": ("15 位身份证号码已按国家标准换算为 18 位", "15-digit ID converted to 18 digits"),
    "several_phones": (
        "“{column}”写了多个号码，采用第一个有效号码",
        "several phones; the first valid one is used",
    ),
    "shared_id_number": (
        "与第 {other} 行的客户证件号码相同，可能是同一人，请人工确认是否合并",
        "same ID as another customer",
    ),
    "unknown_agent": (
        "“{column}”“{value}”在人员表中不存在，按业务员不详处理",
        "agent is not in the people",
    ),
    "unknown_entrant": (
        "“{column}”“{value}”在人员表中不存在，无法计入录入差错率",
        "entrant is not in the people",
    ),
    "unknown_team": ("“{column}”“{value}”在机构表中不存在", "team is not in the institutions"),
    "unknown_parent": (
        "“{column}”“{value}”在机构表中不存在",
        "parent institution is not in the institutions",
    ),
    "unknown_recruiter": ("“{column}”“{value}”在人员表中不存在", "recruiter is not in the people"),
    "starts_later": ("“{column}”的日期“{value}”晚于数据日期", "starts after the data date"),
    "zero_premium": ("“{column}”为零", "premium is zero"),
    "kind_from_main_number": (
        "“{column}”为空，按有无主险保单号判定",
        "kind taken from the main policy number",
    ),
    "figure_cut": (
        "“{column}”的值“{value}”多于两位小数，按 {hint} 采用（舍去，不进位）",
        "rate cut after two decimals",
    ),
    "lapse_date_missing": ("保单已失效而“{column}”为空，失效月数无法计算", "lapsed without a lapse date"),
}
# An address waits for a person (S0-04, S0-11).
_ADDRESS: dict[str, tuple[str, str]] = {
    "no_address": ("没有填写地址", "no address"),
    "no_province": ("地址缺少省（自治区、直辖市）", "province is missing"),
    "no_city": ("地址缺少市", "city is missing"),
    "no_district": ("地址缺少区（县、市）", "district is missing"),
    "no_street": ("地址缺少街道（乡镇）", "street is missing"),
    "no_community": ("地址缺少社区（村）", "community is missing"),
    "no_building": ("地址缺少幢（栋、号楼）", "building is missing"),
    "no_unit": ("地址缺少单元", "unit is missing"),
    "no_room": ("地址缺少门牌号（室）", "room is missing"),
    "ambiguous": ("地址可对应多个社区，请人工选择", "several communities fit"),
    "low_confidence": ("地址识别把握不足，请人工确认", "confidence below the limit"),
    "outside_city": ("地址不在本市范围内", "outside the branch's city"),
}

REASONS: dict[str, Reason] = {
    code: Reason(code, group, sentence, english)
    for group, table in (("reject", _REJECTS), ("warning", _WARNINGS), ("address", _ADDRESS))
    for code, (sentence, english) in table.items()
}
