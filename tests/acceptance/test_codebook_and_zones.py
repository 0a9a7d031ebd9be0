"""The code book's life cycle on pages, its booklet, zones with their check, visit lists (S0-10, N-12, P-17, P-19)."""

from __future__ import annotations

import html
import io
import json
import re
from datetime import timedelta
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from address_world import KNOWN, QINGAN, SHIJIA, code_of, import_addresses
from cast import Cast
from tuogu.books import actions
from tuogu.books import queries as books
from tuogu.books.models import Coordinate, DisplayCode, ImportRun, ListedCommunity, ListedPolicy
from tuogu.files.codebook_changes import HEADINGS
from tuogu.files.listed import write_list
from tuogu.org import append_only
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.regions import actions as region_actions
from tuogu.regions import queries as regions
from tuogu.regions.failures import RegionsRefused

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
STREET, EAST, WEST = "330212009", "330212009901", "330212009902"
QINGAN_ADDRESS = "宁波市鄞州区东胜街道庆安社区2幢"


@pytest.fixture
def site(cast: Cast) -> Cast:
    """Two customers in 史家社区, one in 庆安社区."""
    import_addresses(cast, {"C1": f"{KNOWN}3幢201室", "C2": f"{KNOWN}5幢", "C3": f"{QINGAN_ADDRESS}101室"})
    return cast


def text(answer: Any) -> str:
    return html.unescape(answer.content.decode())


def rows(*changes: tuple[str, str, str, str, str]) -> dict[str, list[str]]:
    """Form fields: kind, old code, new code, new name, parent of each row."""
    names = ("kind", "old_code", "new_code", "new_name", "parent_code")
    form: dict[str, list[str]] = {name: [change[i] for change in changes] for i, name in enumerate(names)}
    return form | {"old_name": [""] * len(changes)}


def propose(cast: Cast, form: dict[str, Any], *, days: int = 0) -> int:
    """Propose as the clerk; the number of the proposal."""
    more = {"source": "区民政局地名办", "document": "鄞民地〔2026〕18号", "propose": "1",
            "effective_date": (cast.today + timedelta(days=days)).isoformat()}  # fmt: skip
    answer = cast.client(Role.RESOURCE_CLERK).post("/codebook/changes/new/", form | more)
    assert answer.status_code == 302, text(answer)
    return int(re.findall(r"/(\d+)/", answer.headers["Location"])[0])


def approve(cast: Cast, proposal: int, role: Role = Role.BRANCH_MANAGER) -> str:
    url = f"/codebook/changes/{proposal}/decide/"
    return text(cast.client(role).post(url, {"verdict": "approve"}, follow=True))


SPLIT = rows(("split", SHIJIA, EAST, "史家东社区", STREET), ("split", SHIJIA, WEST, "史家西社区", STREET))


@pytest.mark.req("N-12", "S0-10")
def test_a_policy_coded_in_version_1_resolves_in_version_3(site: Cast) -> None:
    display = DisplayCode.objects.get(community_code=SHIJIA).display_code
    assert "2 位回到地址台" in approve(
        site, propose(site, SPLIT)
    )  # nobody knows on which side: a person decides
    assert code_of("C1") == (None, "manual", "split")
    assert ListedPolicy.objects.get(number="P1").community_code is None
    item = books.desk_item(Scope.everything(), "C1", on=site.today, limit=9)
    assert item is not None
    assert [(s.candidate.code, s.community) for s in item.spots[:2]] == [
        (EAST, "史家东社区"),
        (WEST, "史家西社区"),
    ]
    site.client(Role.RESOURCE_CLERK).post("/addresses/of/C1/choose/", {"community": EAST})

    merged = rows(("merge", EAST, QINGAN, "", ""))
    assert "1 位客户随合并改码" in approve(site, propose(site, merged))
    approve(site, propose(site, rows(("rename", QINGAN, "", "庆安新社区", ""))))
    assert [v.name for v in regions.versions()] == ["2026.1", "2026.1+1", "2026.1+2", "2026.1+3"]
    assert regions.resolved(SHIJIA, site.today) == (QINGAN, WEST)
    assert regions.resolved(EAST, site.today) == (QINGAN,)
    assert (code_of("C1")[0], code_of("C3")[0]) == (QINGAN, QINGAN)
    assert ListedCommunity.objects.get(community_code=QINGAN).community == "庆安新社区"
    old = text(site.client(Role.AUDITOR).get(f"/codebook/of/{SHIJIA}/"))
    assert "已停用的代码" in old
    assert "庆安新社区" in old
    assert "史家西社区" in old
    for code in (EAST, QINGAN, WEST):
        assert display not in DisplayCode.objects.filter(community_code=code).values_list(
            "display_code", flat=True
        )
    found = site.client(Role.AUDITOR).get(f"/codebook/?q={display}")
    assert found.headers["Location"] == f"/codebook/of/{SHIJIA}/"  # a display code leads there too, for ever


@pytest.mark.req("N-12", "S0-10")
def test_a_retired_code_is_never_given_again(site: Cast) -> None:
    approve(site, propose(site, SPLIT))
    again = rows(("add", "", SHIJIA, "史家社区", STREET))
    answer = site.client(Role.RESOURCE_CLERK).post("/codebook/changes/new/", again)
    assert f"代码 {SHIJIA} 用过，永不再用" in text(answer)


@pytest.mark.req("N-12")
def test_an_import_after_a_change_reads_the_new_code_book_and_follows_old_names(site: Cast) -> None:
    approve(site, propose(site, rows(("rename", SHIJIA, "", "新史家社区", ""))))
    import_addresses(site, {"C8": f"{KNOWN}7幢", "C9": "宁波市鄞州区东胜街道新史家社区7幢"}, days_ago=1)
    assert (code_of("C8")[0], code_of("C9")[0]) == (SHIJIA, SHIJIA)
    approve(site, propose(site, SPLIT))
    import_addresses(site, {"C10": f"{KNOWN}9幢"}, days_ago=1)
    assert code_of("C10")[1:] == ("manual", "ambiguous")


@pytest.mark.req("S0-10")
def test_a_change_needs_source_document_and_a_second_person(site: Cast) -> None:
    clerk = site.client(Role.RESOURCE_CLERK)
    bare = clerk.post(
        "/codebook/changes/new/", SPLIT | {"propose": "1", "effective_date": site.today.isoformat()}
    )
    assert "请写明来源和文号，没有写入任何内容" in text(bare)
    proposal = propose(site, SPLIT)
    assert clerk.post(f"/codebook/changes/{proposal}/decide/", {"verdict": "approve"}).status_code == 403
    with pytest.raises(RegionsRefused, match="提出人不能自己批准"):
        region_actions.decide_codebook(
            proposal, approve=True, by=site.people[Role.RESOURCE_CLERK], at=site.now
        )
    assert regions.versions()[-1].number == 0
    assert code_of("C1")[0] == SHIJIA
    approve(site, proposal)
    assert "已经有人决定" in approve(site, proposal)


@pytest.mark.req("N-12")
def test_a_change_of_next_week_waits_for_its_day(site: Cast) -> None:
    approve(site, propose(site, SPLIT, days=7))
    assert code_of("C1")[0] == SHIJIA
    assert actions.follow_codebook(at=site.now) == {"moved": 0, "queued": 0, "renamed": 0}
    assert regions.resolved(SHIJIA, site.today) == (SHIJIA,)
    assert actions.follow_codebook(at=site.now + timedelta(days=8))["queued"] == 2
    assert actions.follow_codebook(at=site.now + timedelta(days=8))["queued"] == 0


@pytest.mark.req("S0-10")
def test_a_file_is_tried_out_with_counts_and_the_problem_of_each_row(site: Cast) -> None:
    lines = [
        ("拆分", SHIJIA, "史家社区", EAST, "史家东社区", STREET), ("拆分", SHIJIA, "", WEST, "史家西社区", STREET),
        ("停用", "330212009999", "", "", "", ""), ("搬走", QINGAN, "", "", "", ""),
    ]  # fmt: skip
    file = write_list(
        "变更", [(h, [row[i] or None for row in lines]) for i, h in enumerate(HEADINGS)], created=site.now
    )
    sent = SimpleUploadedFile("changes.xlsx", file.read())
    shown = text(site.client(Role.RESOURCE_CLERK).post("/codebook/changes/new/", {"file": sent}))
    assert "拆分 1" in shown
    assert "编码簿中没有原代码 330212009999" in shown
    assert "变更类型“搬走”不是" in shown
    assert not regions.proposals()
    template = site.client(Role.RESOURCE_CLERK).get("/codebook/changes/template.xlsx")
    heads = [c.value for c in next(openpyxl.load_workbook(io.BytesIO(b"".join(template))).active.iter_rows())]
    assert heads == list(HEADINGS)


@pytest.mark.req("S0-10")
def test_two_versions_are_compared_and_the_booklet_is_printed(site: Cast) -> None:
    approve(site, propose(site, SPLIT))
    shown = text(site.client(Role.AUDITOR).get("/codebook/versions/?old=0&new=1"))
    assert "3 处不同" in shown
    assert shown.count("新增") == 2
    assert shown.count(">停用<") == 1
    page = text(site.client(Role.AUDITOR).get("/codebook/booklet/?district=330212"))
    assert "附件3" in page
    assert "史家东社区" in page
    assert SHIJIA not in page
    file = site.client(Role.AUDITOR).get("/codebook/booklet.xlsx?district=330212")
    sheet = openpyxl.load_workbook(io.BytesIO(b"".join(file))).active
    assert int(sheet.page_setup.paperSize) == 9
    assert "第 &P 页，共 &N 页" in sheet.oddFooter.right.text
    assert sheet.print_title_rows == "$1:$3"
    cells = {row[3].value: row for row in sheet.iter_rows(min_row=4)}
    assert cells[EAST][2].value == "史家东社区"
    assert (cells[QINGAN][5].value, cells[QINGAN][6].value) == (1, 1)
    tree = text(site.client(Role.AUDITOR).get("/codebook/below/?code=330212"))
    assert "东胜街道" in tree


@pytest.fixture
def placed(site: Cast) -> Cast:
    """Positions: 史家社区 in the west, 庆安社区 in the east."""
    run = ImportRun.objects.first()
    for code, longitude in ((SHIJIA, 121.50), (QINGAN, 121.60)):
        Coordinate.objects.create(
            region_code=code,
            longitude=longitude,
            latitude=29.80,
            datum="WGS-84",
            source="survey",
            import_run=run,
        )
    return site


def square(west: float, east: float) -> list[list[float]]:
    return [[west, 29.7], [east, 29.7], [east, 29.9], [west, 29.9]]


def draw(cast: Cast, name: str, ring: list[list[float]], datum: str = "WGS-84") -> Any:
    form = {"name": name, "ring": json.dumps(ring), "datum": datum, "from_date": cast.today.isoformat()}
    return cast.client(Role.RESOURCE_CLERK).post("/zones/draw/", form, follow=True)


@pytest.mark.req("P-17")
def test_zones_are_checked_for_gaps_and_overlaps(placed: Cast) -> None:
    draw(placed, "西区", square(121.45, 121.55))
    check = books.check_zones(Scope.everything(), placed.today).check
    assert (check.gaps, check.overlaps, check.doubled) == ([QINGAN], [], {})
    draw(placed, "东区", square(121.55, 121.65))  # they share an edge and nothing more
    check = books.check_zones(Scope.everything(), placed.today).check
    assert (check.gaps, check.overlaps) == ([], [])
    assert "没有空缺，没有重叠" in text(placed.client(Role.AUDITOR).get("/zones/"))
    draw(placed, "中区", square(121.49, 121.56))
    check = books.check_zones(Scope.everything(), placed.today).check
    ids = {zone.name: zone.id for zone in check.zones}
    assert check.doubled == {SHIJIA: sorted([ids["西区"], ids["中区"]])}
    assert [set(pair[:2]) for pair in check.overlaps] == [
        {ids["西区"], ids["中区"]},
        {ids["东区"], ids["中区"]},
    ]
    assert [zone.name for zone in books.zone_of(QINGAN, placed.today)] == ["东区"]
    data = placed.client(Role.AUDITOR).get("/zones/map.json").json()
    assert {place["code"]: place["state"] for place in data["places"]} == {SHIJIA: "double", QINGAN: ""}


@pytest.mark.req("P-17")
def test_zones_are_versions_and_bad_rings_are_refused(placed: Cast) -> None:
    draw(placed, "西区", square(121.45, 121.55))
    zone = regions.zones(placed.today)[0].id
    for ring, part in (
        ([[121.5, 29.7], [121.6, 29.9], [121.6, 29.7], [121.5, 29.85]], "与自己相交"),
        ([[121.5, 29.7], [121.6, 29.7]], "3 个"),
        ([[500, 29.7], [121.6, 29.7], [121.6, 29.9]], "不是经纬度"),
    ):
        assert part in text(draw(placed, "坏区", ring))
    assert "已有区域叫“西区”" in text(draw(placed, "西区", square(121.7, 121.8)))
    assert "读不出来" in text(draw(placed, "坏区", "x"))  # type: ignore[arg-type]
    client = placed.client(Role.RESOURCE_CLERK)
    form = {"name": "西一区", "ring": json.dumps(square(121.40, 121.45)), "datum": "WGS-84"}
    client.post(f"/zones/{zone}/redraw/", form)
    now = regions.zone(zone, placed.today)
    assert now is not None
    assert (now.name, now.number) == ("西一区", 2)
    assert books.zone_communities(zone, placed.today) == []
    client.post(f"/zones/{zone}/end/", {})
    assert regions.zones(placed.today) == []
    assert [v.number for v in regions.zone_history(zone)] == [3, 2, 1]


@pytest.mark.req("P-17")
def test_a_geojson_file_becomes_zones_all_or_none_and_datums_are_not_mixed(placed: Cast) -> None:
    def send(*features: dict[str, Any], datum: str = "WGS-84") -> str:
        content = json.dumps({"type": "FeatureCollection", "features": features}).encode()
        file = SimpleUploadedFile("zones.geojson", content)
        return text(
            placed.client(Role.RESOURCE_CLERK).post(
                "/zones/import/", {"file": file, "datum": datum}, follow=True
            )
        )

    def feature(name: str, *rings: list[list[float]]) -> dict[str, Any]:
        geometry = {"type": "Polygon", "coordinates": [[*ring, ring[0]] for ring in rings]}
        return {"type": "Feature", "properties": {"name": name}, "geometry": geometry}

    west, east = square(121.45, 121.55), square(121.55, 121.65)
    assert "有洞" in send(feature("西区", west), feature("洞", east, square(121.57, 121.60)))
    assert regions.zones(placed.today) == []
    assert "已导入 2 个区域" in send(feature("西区", west), feature("东区", east))
    assert "已导入 1 个区域" in send(feature("火星", west), datum="GCJ-02")
    check = books.check_zones(Scope.everything(), placed.today).check
    assert [zone.name for zone in check.zones if zone.id in check.other_datum] == ["火星"]
    assert check.overlaps == []


@pytest.mark.req("P-19", "L-05")
def test_the_visit_list_of_a_block_holds_its_customers_within_scope_masked(placed: Cast) -> None:
    draw(placed, "西区", square(121.45, 121.55))
    zone = regions.zones(placed.today)[0].id
    clerk = placed.client(Role.RESOURCE_CLERK)
    shown = text(clerk.get(f"/visits/?zone={zone}"))
    assert re.findall(r"\bC\d\b", shown) == ["C1", "C2"]
    assert "201室" not in shown
    assert "张三" not in shown
    assert re.findall(r"\bC\d\b", text(clerk.get(f"/visits/?community={QINGAN}"))) == ["C3"]
    scope = Scope.everything()
    assert list(books.customers_in(scope, on=placed.today, zone=zone).values_list("number", flat=True)) == [
        "C1",
        "C2",
    ]
    assert not books.customers_in(Scope.nothing(), on=placed.today, zone=zone).exists()
    assert "0 位客户" in text(placed.client(Role.BUFFER_MEMBER).get(f"/visits/?zone={zone}"))
    assert clerk.get("/visits/?zone=999999").status_code == 404
    assert clerk.get("/visits/").status_code == 404


def test_the_auditor_is_told_who_changed_decided_and_drew(placed: Cast) -> None:
    approve(placed, propose(placed, SPLIT))
    placed.client(Role.RESOURCE_CLERK).post("/addresses/of/C1/choose/", {"community": EAST})
    draw(placed, "西区", square(121.45, 121.55))
    tables = regions.audit_tables(placed.today, placed.today)
    assert {name: frame.height for name, frame in tables.items()} == {
        "编码簿变更": 2,
        "地址判定": 1,
        "住址判定": 0,
        "地图区域": 1,
    }
    clerk = placed.numbers[placed.people[Role.RESOURCE_CLERK]]
    assert tables["地址判定"]["经手人"].to_list() == [clerk]
    assert tables["编码簿变更"]["版本"].unique().to_list() == ["2026.1+1"]
    assert append_only.missing_in("regions") == []
