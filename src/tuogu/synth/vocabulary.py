"""Words of a synthetic city: names, products, estates, employers. All invented; none is a person or a
product on sale.

In: nothing. Out: constants. Never: a number that decides how many of anything there are.
"""

from __future__ import annotations

from typing import NamedTuple

COMPANY = "示范人寿保险股份有限公司"

# Surname and weight: the common surnames, roughly as frequent as they are.
SURNAMES = {
    **{"王": 70, "李": 68, "张": 66, "陈": 62, "刘": 46, "杨": 30, "黄": 24, "周": 24, "徐": 24, "吴": 24},
    **{"胡": 16, "林": 16, "朱": 16, "郑": 12, "何": 12, "沈": 14, "孙": 14, "马": 8, "郭": 8, "罗": 8},
    **{"高": 8, "宋": 8, "谢": 8, "叶": 10, "董": 7, "袁": 6, "蒋": 7, "潘": 7, "余": 8, "杜": 5},
    **{"戴": 6, "夏": 6, "钟": 5, "汪": 7, "田": 4, "任": 5, "姜": 5, "范": 5, "方": 7, "石": 4},
    **{"姚": 5, "谭": 3, "廖": 3, "邹": 3, "熊": 2, "金": 6, "陆": 6, "孔": 2, "白": 2, "崔": 2},
    **{"毛": 4, "邱": 4, "秦": 2, "江": 4, "史": 3, "顾": 5, "侯": 2, "邵": 4, "孟": 2, "龙": 2},
    **{"章": 4, "钱": 4, "施": 4, "严": 4, "俞": 5, "竺": 2, "应": 3, "励": 2, "屠": 2, "乐": 2, "欧阳": 1},
}
MALE_CHARACTERS = "伟强军勇杰涛明超刚平辉鹏华飞波斌宇浩凯健俊帆建国志海龙文武新民峰松立德永康祥荣嘉昊泽宏"
FEMALE_CHARACTERS = "芳娜敏静丽艳娟霞秀兰英玲桂花梅红燕萍琴雪琳洁莉婷慧倩颖露瑶怡欣雅晶佳蓉素云珍月香彩"

MOBILE_PREFIXES = (
    *(
        "130",
        "131",
        "132",
        "133",
        "134",
        "135",
        "136",
        "137",
        "138",
        "139",
        "147",
        "150",
        "151",
        "152",
        "153",
    ),
    *(
        "155",
        "156",
        "157",
        "158",
        "159",
        "173",
        "177",
        "178",
        "180",
        "181",
        "182",
        "183",
        "185",
        "186",
        "187",
    ),
    *("188", "189", "198"),
)
AREA_CODES = {"3302": "0574"}
# Where people whose ID was not issued at home come from (six-digit codes).
OTHER_REGIONS = (
    "330106",
    "330621",
    "331081",
    "340104",
    "341221",
    "360102",
    "362330",
    "410105",
    "420106",
    "510104",
)
# Addresses of customers who have moved away: another province, a real city and street, an invented house.
ELSEWHERE = (
    "浙江省杭州市西湖区文三路{}号",
    "上海市浦东新区世纪大道{}弄",
    "江苏省苏州市姑苏区人民路{}号",
    "安徽省合肥市包河区芜湖路{}号",
)

ESTATES = (
    "锦绣花园",
    "阳光新城",
    "丽景苑",
    "欣欣小区",
    "翠柏家园",
    "香樟公寓",
    "金桂名邸",
    "海悦府",
    "枫林雅苑",
    "望湖小筑",
)
ROADS = (
    "迎宾路",
    "文昌路",
    "滨江大道",
    "环湖东路",
    "青年路",
    "创业大道",
    "育才路",
    "勤俭路",
    "振兴西路",
    "和顺街",
)
UNKNOWN_COMMUNITIES = ("云水谣社区", "星河湾畔社区", "紫霄阁社区", "棠梨渡村", "蓝汐屿社区")
EMPLOYERS = (
    *(
        "甬江纺织有限公司",
        "东海水产合作社",
        "四明山茶场",
        "海曙第九小学",
        "鼎盛模具厂",
        "个体经营",
        "退休",
        "务农",
    ),
    *("兴达物流有限公司", "恒信机械有限公司", "社区卫生服务站", "明州酒店", "自由职业", "远洋船务公司"),
)
TRAITS = ("老城区", "新城区", "工业镇", "乡村")


class Product(NamedTuple):
    """One product on the invented shelf; `cover_years` 0 = whole life."""

    name: str
    type: str
    protection: bool
    single: bool  # sold for a single premium
    cover_years: int
    weight: int


SAVINGS = (
    Product("安享两全保险(分红型)", "participating", False, False, 20, 30),
    Product("鸿盛两全保险(分红型)", "participating", False, False, 30, 22),
    Product("瑞丰两全保险(分红型)", "participating", False, True, 5, 20),
    Product("稳盈两全保险(分红型)", "participating", False, True, 10, 14),
    Product("金账户年金保险(万能型)", "universal", False, False, 0, 6),
    Product("金账户两全保险(万能型)", "universal", False, True, 10, 3),
    Product("颐养年金保险", "annuity", False, False, 40, 12),
    Product("福寿终身寿险(分红型)", "whole_life", False, False, 0, 14),
    Product("传家终身寿险", "whole_life", False, True, 0, 3),
)
PROTECTIONS = (
    Product("守护定期寿险", "term_life", True, False, 30, 8),
    Product("康泰终身重大疾病保险", "health", True, False, 0, 12),
    Product("平安综合意外伤害保险", "accident", True, False, 20, 5),
    Product("无忧定期寿险(趸交)", "term_life", True, True, 20, 2),
)
RIDERS_SHORT = (
    Product("附加住院医疗保险", "health", True, False, 1, 6),
    Product("附加意外伤害保险", "accident", True, False, 1, 6),
)
RIDERS_LONG = (
    Product("附加提前给付重大疾病保险", "health", True, False, 30, 4),
    Product("附加豁免保险费定期寿险", "term_life", True, False, 20, 2),
)

# The whole shelf; a product is named by its place on it.
SHELF: tuple[Product, ...] = (*SAVINGS, *PROTECTIONS, *RIDERS_SHORT, *RIDERS_LONG)
SAVINGS_FROM, PROTECTIONS_FROM = 0, len(SAVINGS)
SHORT_FROM = PROTECTIONS_FROM + len(PROTECTIONS)
LONG_FROM = SHORT_FROM + len(RIDERS_SHORT)

MARKETING_MANAGER_RANKS = ("高级经理", "中级经理", "初级经理", "准初级经理")  # S1-10
SALES_RANKS = ("资深", "高级", "中级", "初级", "见习")  # S1-11
CITY_DEPARTMENTS = {"营销一部": 3593, "营销二部": 2552, "营销三部": 2628, "营销四部": 360}  # S2-06, 1/10,000
COUNTY_DEPARTMENTS = {"县营销部": 4680, "县网点部": 4177}  # S2-05
CENTRE = "银保理财中心"
MANAGEMENT_LADDER = ("高级", "中级", "初级", "准初级")  # S1-10: planners who lead, the last of them assists
CITY_COLLECTION, COUNTY_COLLECTION, SERVICE = "市收展部", "县收展部", "保全部"

# Simplified → traditional, for addresses that came from an old system.
TRADITIONAL = {
    **{
        "宁": "寧",
        "区": "區",
        "县": "縣",
        "镇": "鎮",
        "乡": "鄉",
        "号": "號",
        "东": "東",
        "华": "華",
        "园": "園",
    },
    **{
        "兴": "興",
        "门": "門",
        "龙": "龍",
        "桥": "橋",
        "庄": "莊",
        "阳": "陽",
        "单": "單",
        "学": "學",
        "仑": "侖",
    },
    **{
        "万": "萬",
        "丰": "豐",
        "凤": "鳳",
        "湾": "灣",
        "楼": "樓",
        "栋": "棟",
        "广": "廣",
        "锦": "錦",
        "红": "紅",
    },
    **{
        "长": "長",
        "马": "馬",
        "陈": "陳",
        "叶": "葉",
        "树": "樹",
        "观": "觀",
        "卫": "衛",
        "双": "雙",
        "云": "雲",
    },
}
