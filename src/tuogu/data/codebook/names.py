"""Names of administrative divisions and their stems.

In: a division's name and level. Out: the name without its administrative ending (宁波市 → 宁波,
白鹤社区居委会 → 白鹤), the form in which two sources, or a source and a written address, agree. Never: a
stem shorter than two characters, because one character says nothing (城区 stays 城区).
"""

from __future__ import annotations

LEVELS = ("province", "city", "district", "street", "community")
CODE_DIGITS = {"province": 2, "city": 4, "district": 6, "street": 9, "community": 12}

PEOPLES = [
    "蒙古",
    "回",
    "藏",
    "维吾尔",
    "苗",
    "彝",
    "壮",
    "布依",
    "朝鲜",
    "满",
    "侗",
    "瑶",
    "白",
    "土家",
    "哈尼",
    "哈萨克",
    "傣",
    "黎",
    "傈僳",
    "佤",
    "畲",
    "高山",
    "拉祜",
    "水",
    "东乡",
    "纳西",
    "景颇",
    "柯尔克孜",
    "土",
    "达斡尔",
    "仫佬",
    "羌",
    "布朗",
    "撒拉",
    "毛南",
    "仡佬",
    "锡伯",
    "阿昌",
    "普米",
    "塔吉克",
    "怒",
    "乌孜别克",
    "俄罗斯",
    "鄂温克",
    "德昂",
    "保安",
    "裕固",
    "京",
    "塔塔尔",
    "独龙",
    "鄂伦春",
    "赫哲",
    "门巴",
    "珞巴",
    "基诺",
]
_SHORT_PEOPLES = {"蒙古", "维吾尔", "哈萨克", "柯尔克孜", "塔吉克", "鄂伦春", "达斡尔", "锡伯"}
_PEOPLE_ENDINGS = tuple(
    sorted(
        [f"{name}族" for name in PEOPLES] + sorted(_SHORT_PEOPLES) + ["各族", "民族"], key=len, reverse=True
    )
)

# Longest first within each level: the first that fits is cut off.
ENDINGS: dict[str, tuple[str, ...]] = {
    "province": ("维吾尔自治区", "壮族自治区", "回族自治区", "特别行政区", "自治区", "省", "市"),
    "city": ("自治州", "地区", "盟", "市"),
    "district": ("自治县", "自治旗", "新区", "林区", "特区", "区", "县", "市", "旗"),
    "street": ("街道办事处", "街道办", "街道", "办事处", "地区", "苏木", "乡", "镇"),
    "community": (
        *("社区居民委员会", "社区村民委员会", "社区居委会", "社区村委会", "居民委员会", "村民委员会"),
        *("嘎查村", "村委会", "居委会", "委员会", "社区", "嘎查", "村"),
    ),
}
_ETHNIC_ENDINGS = ("自治州", "自治县", "自治旗", "乡", "苏木")


def stem(level: str, name: str) -> str:
    """`name` without the ending of `level`, and without the peoples of an autonomous or ethnic division.

    At least two characters always remain: 城区 (district) and 东村 (community) come back unchanged.
    """
    for ending in ENDINGS[level]:
        if name.endswith(ending) and len(name) - len(ending) >= 2:
            short = name[: -len(ending)]
            return _without_peoples(short) if ending in _ETHNIC_ENDINGS else short
    return name


def community_stem(name: str) -> str:
    """Stem of a community's name; endings stand twice in some sources (岳童村村委会 → 岳童)."""
    return stem("community", stem("community", name))


def _without_peoples(name: str) -> str:
    """Cut names of peoples off the end: 恩施土家族苗族 → 恩施; never leaves fewer than two characters."""
    while True:
        ending = next((e for e in _PEOPLE_ENDINGS if name.endswith(e) and len(name) - len(e) >= 2), None)
        if ending is None:
            return name
        name = name[: -len(ending)]
