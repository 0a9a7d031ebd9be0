"""What is wrong in a few words, and what to do about it: for the list of rejected rows.

In: a reason code of `core.reasons`. Out: two short Chinese texts. Never: a reject reason without both (a test compares).
"""

from __future__ import annotations

ADVICE: dict[str, tuple[str, str]] = {  # code → what is wrong, what to do
    "missing_value": ("必填项为空", "补填这一格"),
    "excel_error": ("Excel 错误值", "改正公式后粘贴为数值"),
    "formula_without_result": ("公式没有计算结果", "用 Excel 打开，粘贴为数值后另存"),
    "too_many_cells": ("单元格比表头多", "给含分隔符的内容加引号"),
    "garbled_text": ("含乱码", "另存为 CSV UTF-8 再导入"),
    "rounded_number": ("被 Excel 当作数字，末几位已丢失", "从原系统重导，列设为文本"),
    "bad_identifier": ("不是有效编号", "核对编号，去掉空格与中文"),
    "bad_id_number": ("不是 15 位或 18 位证件号码", "核对证件号码的位数"),
    "bad_id_check_digit": ("证件号码校验位不符", "核对末位"),
    "bad_id_birth_date": ("证件号码中的出生日期不存在", "核对第 7–14 位"),
    "birth_id_mismatch": ("出生日期与证件号码不一致", "以证件为准改正"),
    "bad_name": ("不像姓名或名称", "核对姓名"),
    "bad_phone": ("不是手机号，也不是带区号的固话", "核对位数，固话加区号"),
    "bad_date": ("不是能唯一确定的日期", "写成 2011-03-05"),
    "impossible_date": ("没有这一天", "核对原单"),
    "date_out_of_range": ("日期超出 1880–2200 年", "核对年份"),
    "future_date": ("日期晚于数据日期", "核对日期或数据日期"),
    "date_order": ("日期早于其起始日期", "核对两个日期"),
    "bad_money": ("不是有效金额", "写成 6800.00（元）"),
    "negative_money": ("金额为负数", "核对金额"),
    "bad_number": ("不是有效整数", "写成整数"),
    "unknown_value": ("不在可选项之内", "改成模板“填写说明”中的写法"),
    "mode_mismatch": ("缴费方式与频次矛盾", "趸交留空频次，期交填频次"),
    "main_number_on_main": ("主险填了主险保单号", "清空这一格，或改为附加险"),
    "duplicate_row": ("与另一行完全相同", "不必处理，已收那一行"),
    "duplicate_key": ("号码重复而内容不同", "核对后只留正确的一行"),
    "unknown_holder": ("投保人不在客户表", "先导入该客户，再传这一行"),
    "holder_rejected": ("投保人的客户行被退回", "先改正客户表那一行"),
    "unknown_insured": ("被保险人不在客户表", "先导入该客户，再传这一行"),
    "insured_rejected": ("被保险人的客户行被退回", "先改正客户表那一行"),
    "unknown_main": ("附加险找不到主险", "先导入主险，再传这一行"),
    "main_rejected": ("主险被退回", "先改正主险那一行"),
    "main_is_rider": ("所填主险本身是附加险", "改填真正的主险保单号"),
    "unknown_institution": ("机构不在机构表", "先导入机构，再传这一行"),
    "bad_region_code": ("不是区划代码", "写 2、4、6、9 或 12 位代码"),
    "bad_coordinate": ("不是境内的经纬度", "核对经度与纬度是否颠倒"),
    "mixed_datum": ("同一文件混用坐标系", "分成每种坐标系一个文件"),
}
