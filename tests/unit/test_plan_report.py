"""The HTML report: self-contained, free of customers, and with the same figures as the tables it draws."""

from __future__ import annotations

import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import polars as pl
import pytest
from test_registers import NAMES, branch_book, branch_plan

from branch import AS_OF, BAIHE, BAISHA, JIANGXIA, RULEBOOK, book, certificate, communities, hand_made_plan
from tuogu.core.census import census
from tuogu.core.tables import COORDINATES, MONTH_COLUMNS, Book, Plan
from tuogu.files.plan_report import write_report

_VOID = {"meta", "link", "br", "img", "path", "circle", "rect"}


class Reader(HTMLParser):
    """Collects text, tags with attributes, and complains about tags that do not close."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "link"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> without a start"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text.append(data)

    def classes(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for _, attrs in self.tags if name in (attrs.get("class") or "").split()]


def report(path: Path, plan: Plan | None = None, given: Book | None = None) -> tuple[str, Reader]:
    target = write_report(
        plan or branch_plan(), given or branch_book(), RULEBOOK, path / "report.html", names=NAMES
    )
    source = target.read_text(encoding="utf-8")
    reader = Reader()
    reader.feed(source)
    reader.close()
    assert reader.open == []
    return source, reader


def shown(reader: Reader) -> str:
    return "\n".join(reader.text)


def test_it_asks_nobody_for_anything(tmp_path: Path) -> None:
    source, reader = report(tmp_path)
    assert not re.search(r"https?:|//[a-z]|url\(|@import|<script|<iframe|\son[a-z]+=", source)
    links = {attrs.get("href") or attrs.get("src") for _, attrs in reader.tags} - {None}
    assert links == {"data:,"}
    assert "default-src 'none'" in source


@pytest.mark.req("L-05")
def test_no_customer_and_no_house_number_is_in_it(tmp_path: Path) -> None:
    source, _ = report(tmp_path)
    given = branch_book().books
    private = {"王小波", "13812341234", "330203198001011234", "1幢101室", "2幢"}
    private |= set(given.policies["policy_number"])
    assert not [word for word in private if word in source]
    assert not re.search(r"\bC\d+\b", source)


def test_names_are_escaped(tmp_path: Path) -> None:
    names = {"A2": '<b>&"x"', "A3": "徐志宏"}
    target = write_report(branch_plan(), branch_book(), RULEBOOK, tmp_path / "r.html", names=names)
    source = target.read_text(encoding="utf-8")
    assert '<b>&"x' not in source
    assert "&lt;b&gt;&amp;" in source


def test_provenance_and_certificate_are_in_words(tmp_path: Path) -> None:
    text = shown(report(tmp_path)[1])
    for fact in (str(AS_OF), RULEBOOK.version, "9c419c419c41", "1.73%", "1,811,300", "没有违规"):
        assert fact in text


def test_what_is_not_proved_is_said(tmp_path: Path) -> None:
    doubtful = certificate(
        gap=float("inf"),
        lower_bound=0,
        limits_hit=("repair_nodes:border", "repair_least"),
        contiguity="not_judged: 没有坐标",
        violations=4,
    )
    text = shown(report(tmp_path, replace(branch_plan(), certificate=doubtful))[1])
    for words in (
        "差距无法用比例表示",
        "逐月调整到达节点上限",
        "月度上下限无法全部守住",
        "无法判定片区",
        "有违规",
    ):
        assert words in text
    assert "inf" not in text


# --- map ----------------------------------------------------------------------------------------


@pytest.mark.req("S0-12", "S0-14")
def test_the_map_shows_each_community_home_and_name(tmp_path: Path) -> None:
    source, reader = report(tmp_path)
    overview = source[source.index("全部片区地图") : source.index('class="key"')]
    told = re.findall(r'<path class="cell k\d"[^>]*><title>([^<]*)</title>', overview)
    counts = dict(branch_plan().assignments.group_by("community_code").len().iter_rows())
    assert len(told) == 3
    assert f"海曙区 白云街道 白沙社区\n{counts[BAISHA]} 件：徐志宏 {counts[BAISHA]}" in told
    assert overview.count('class="home"') == 2
    assert overview.count('class="home chief"') == 1
    assert "陈雅琴（收展一组主管）住址所在社区" in overview
    for name in ("陈雅琴", "徐志宏", "=HYPERLINK(1)"):
        assert f">{name}</text>" in overview
    assert len(reader.classes("team")) >= 1


@pytest.mark.req("S0-12")
def test_map_and_table_show_the_same_numbers(tmp_path: Path) -> None:
    source, _ = report(tmp_path)
    on_map = sum(
        int(n) for n in re.findall(r"<title>[^<\n]*社区\n([\d,]+) 件", source[: source.index('class="key"')])
    )
    cells_and_dots = 2
    assert on_map == cells_and_dots * branch_plan().assignments.height


def test_a_community_of_two_managers_is_a_pie(tmp_path: Path) -> None:
    plan = hand_made_plan(branch_book(), ["A2", "A3", "A4"], moved={"2015330200000001"})
    source, _ = report(tmp_path, plan)
    assert re.search(r"白沙社区\n26 件：徐志宏 25、=HYPERLINK\(1\) 1", source)
    assert re.search(r'<path class="dot k\d"', source)


def test_synthetic_coordinates_are_called_synthetic(tmp_path: Path) -> None:
    given = branch_book()
    coordinates = pl.DataFrame(
        [
            {
                "region_code": BAISHA,
                "longitude": 121.5,
                "latitude": 29.8,
                "datum": "WGS-84",
                "source": "synthetic",
            }
        ],
        schema=COORDINATES,
    )
    invented = replace(given, books=replace(given.books, coordinates=coordinates))
    assert "坐标为合成数据" in shown(report(tmp_path, given=invented)[1])
    assert "坐标为合成数据" not in shown(report(tmp_path)[1])


def test_without_coordinates_a_table_stands_in_for_the_map(tmp_path: Path) -> None:
    given = branch_book()
    blind = book(given.books, given.located, given.homes, with_coordinates=False)
    source, reader = report(tmp_path, given=blind)
    assert "没有社区坐标，不能画地图" in shown(reader)
    assert "全部片区地图" not in source
    assert "江厦街道" in shown(reader)


def test_a_community_without_coordinates_is_left_out_and_counted(tmp_path: Path) -> None:
    given = branch_book()
    partly = communities().with_columns(
        x_m=pl.when(pl.col("community_code") == JIANGXIA).then(None).otherwise("x_m")
    )
    source, reader = report(tmp_path, given=replace(given, communities=partly))
    assert "另有 1 个社区没有坐标" in shown(reader)
    assert BAIHE not in source  # codes are not shown, names are


# --- load and lists -----------------------------------------------------------------------------


@pytest.mark.req("S0-20", "S0-21")
def test_the_heat_table_has_the_loads_and_the_bands_colours(tmp_path: Path) -> None:
    source, _ = report(tmp_path)
    heat = source[source.index('<table class="heat">') :]
    heat = heat[: heat.index("</table>")]
    cells = re.findall(r'<td class="c (q\d)">(\d+)</td>', heat)
    loads = branch_plan().loads
    assert sorted(int(due) for _, due in cells) == sorted(loads["due"].to_list())
    assert {kind for kind, due in cells if int(due) < 25} == {"q0"}
    assert all(kind != "q0" for kind, due in cells if int(due) >= 25)
    foot = re.findall(r"<td class=\"c\">([\d,]+)</td>", heat[heat.index("<tfoot>") :])
    months = [int(due.replace(",", "")) for due in foot]
    managed, buffer, stock = months[:12], months[12:24], months[24:]
    assert tuple(stock) == census(branch_book(), RULEBOOK, AS_OF).months
    assert [a + b for a, b in zip(managed, buffer, strict=True)] == stock
    assert managed == list(branch_plan().assignments.select(pl.col(MONTH_COLUMNS).sum()).row(0))


def test_breaks_name_people_and_hand_overs_name_both_sides(tmp_path: Path) -> None:
    plan = hand_made_plan(branch_book(), ["A2", "A3", "A4"], moved={"2015330200000001", "2015330200000004"})
    text = shown(report(tmp_path, plan)[1])
    assert "收展一组的片区分成2块" in text
    moved = text[text.index("相邻区件\n为使") :]
    assert moved.index("白云街道 白沙社区") < moved.index("徐志宏") < moved.index("=HYPERLINK(1)")


@pytest.mark.req("S0-24")
def test_what_is_not_placed_is_counted_by_reason(tmp_path: Path) -> None:
    text = shown(report(tmp_path)[1])
    assert "未分配 4 件" in text
    assert "困难件\n2" in text
    assert "地址待编码\n2" in text


def test_an_empty_plan_still_makes_a_report(tmp_path: Path) -> None:
    plan = branch_plan()
    nothing = replace(
        plan, assignments=plan.assignments.clear(), units=plan.units.clear(), loads=plan.loads.clear()
    )
    assert "没有客户经理" in shown(report(tmp_path, nothing)[1])


def test_the_same_plan_gives_the_same_bytes_whatever_the_row_order(tmp_path: Path) -> None:
    plan, given = branch_plan(), branch_book()
    turned = replace(
        plan,
        assignments=plan.assignments.reverse(),
        unplaced=plan.unplaced.reverse(),
        loads=plan.loads.sample(fraction=1, shuffle=True, seed=1),
        units=plan.units.reverse(),
    )
    mixed = replace(given, communities=given.communities.reverse(), located=given.located.reverse())
    first = write_report(plan, given, RULEBOOK, tmp_path / "a.html", names=NAMES).read_bytes()
    second = write_report(turned, mixed, RULEBOOK, tmp_path / "b.html", names=NAMES).read_bytes()
    assert first == second
