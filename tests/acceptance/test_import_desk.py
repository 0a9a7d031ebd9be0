"""The import desk: what a dry run says of the rows that are stored, samples as they were understood, history, remembered
headers, and the page of all other files with their templates."""

from __future__ import annotations

import io
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

import uploads as sent
from cast import Cast
from listed_world import MANAGER, customer_rows, import_rows, policy_rows
from tuogu.books import queries as books
from tuogu.files.adjustment_list import read_adjustments
from tuogu.files.codebook_changes import read_changes
from tuogu.files.number_list import read_numbers
from tuogu.files.other_templates import TEMPLATES
from tuogu.files.reader import read_workbook
from tuogu.files.refusal import FileRefused
from tuogu.jobs import queries as jobs
from tuogu.jobs.models import KnownHeaders
from tuogu.notices.contacts import import_links
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.rules import queries as rules

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.database]
ALL = Scope.everything()
CLERK = Role.RESOURCE_CLERK
CUSTOMERS = ("客户号", "姓名", "性别", "出生日期", "证件类型", "证件号码", "联系电话", "联系地址", "工作单位")
POLICIES = (
    "保单号码", "险种类别", "险种名称", "险种类型", "缴费方式", "缴费频次", "保费(元)", "生效日期", "保单状态",
    "投保人客户号", "被保险人客户号", "业务员工号", "管理机构",
)  # fmt: skip
CONTRACT = ("主险", "示例两全保险", "分红险", "期交", "年交", "1200.00", "2011-03-05", "有效")
PLAIN = ("张三", "男", "1980-01-01", "其他")
BAISHA = "宁波市海曙区白云街道白沙社区12幢304室"


@pytest.fixture(autouse=True)
def _whole_house(cast: Cast) -> None:
    sent.for_the_whole_house(cast)


@pytest.fixture
def client(cast: Cast) -> Client:
    return cast.client(CLERK)


def page(client: Client, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, (url, answer.status_code)
    return str(answer.content.decode())


def book_of(**sheets: list[tuple[Any, ...]]) -> bytes:
    """A workbook of these sheets, each with its header first."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, rows in sheets.items():
        sheet = book.create_sheet(title)
        for row in rows:
            sheet.append(list(row))
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def tried(client: Client, cast: Cast, content: bytes, name: str = "改.xlsx") -> tuple[str, jobs.Job]:
    """Sent in for Ningbo, and its dry run."""
    posted = {
        "files": [SimpleUploadedFile(name, content, sent.XLSX)], "data_date": cast.today.isoformat(),
        "coverage": "partial", "city": "330200",
    }  # fmt: skip
    answer = client.post("/imports/new/", posted)
    assert answer.status_code == 302, answer.content.decode()[-600:]
    key = answer.headers["Location"].strip("/").split("/")[-1]
    return key, sent.preview(key)


@pytest.mark.req("P-13", "N-04")
def test_a_dry_run_tells_new_changed_same_and_older_rows_and_which_columns_change(cast: Cast, client: Client):
    import_rows(cast, policy_rows(4, agent=MANAGER))
    clear = books.stored_customers(personal=True).to_dicts()
    base = [
        (c["customer_number"], c["name"], "男" if c["sex"] == "M" else "女", str(c["birth_date"] or "1980-01-01"),
         "其他", c["id_number"], c["phone"], c["address"], "")
        for c in clear
    ]  # fmt: skip
    first, trial = tried(client, cast, book_of(客户=[CUSTOMERS, *base]))
    assert trial.state == "done", trial.failure
    sent.imported(client, first)  # today's word on all four

    again = [list(row) for row in base]
    again[0][6], again[1][6], again[1][8] = "13912345678", "", "宁波港"
    new = ("C777777", *PLAIN, "E7777777", "13800007777", "某个没有的地方", "")
    key, trial = tried(client, cast, book_of(客户=[CUSTOMERS, *map(tuple, again), new]))
    rows = {row["kind"]: row for row in trial.result["ahead"]["rows"]}
    assert {name: rows["customers"][name] for name in ("new", "changed", "same", "stale")} == {
        "new": 1, "changed": 0, "same": 0, "stale": 4,
    }, "the same day never overwrites"  # fmt: skip
    text = page(client, f"/imports/{key}/")
    assert "与在库数据对照" in text
    assert "哪些栏目会变" not in text


@pytest.mark.req("P-13")
def test_changed_columns_are_counted_with_what_becomes_empty_and_the_import_agrees(
    cast: Cast, client: Client
):
    policies = policy_rows(4, agent=MANAGER)
    import_rows(cast, policies, [c | {"id_type": "other"} for c in customer_rows(policies)], days_ago=3)
    clear = {c["customer_number"]: c for c in books.stored_customers(personal=True).to_dicts()}
    one, two, three = (clear[f"C{i:06d}"] for i in range(3))

    def line(c: dict[str, Any], **changes: Any) -> tuple[Any, ...]:
        c = c | changes
        kind = {"resident_id": "身份证", "passport": "护照", "other": "其他", None: ""}[c["id_type"]]
        sex = {"M": "男", "F": "女", None: ""}[c["sex"]]
        day = c["birth_date"].isoformat() if c["birth_date"] else ""
        return (c["customer_number"], c["name"], sex, day, kind, c["id_number"], c["phone"], c["address"],
                c["employer"] or "")  # fmt: skip

    changes = [line(one, phone="13912345678"), line(two, phone="13912345679", employer="宁波港"), line(three)]
    key, trial = tried(client, cast, book_of(客户=[CUSTOMERS, *changes]))
    assert trial.state == "done", trial.failure
    (row,) = [r for r in trial.result["ahead"]["rows"] if r["kind"] == "customers"]
    fields = {f["column"]: (f["changed"], f["filled"], f["emptied"]) for f in row["fields"]}
    assert fields["phone"] == (2, 0, 0)
    assert fields["employer"] == (1, 1, 0)
    assert set(fields) <= {"phone", "employer", "info_accurate", "complaint", "misconduct", "contactable",
                           "contact_attempts"}  # fmt: skip
    assert row["new"] == 0
    assert row["changed"] + row["same"] == trial.result["counts"]["customers_updated"] == 3
    text = page(client, f"/imports/{key}/")
    assert "哪些栏目会变" in text
    before = books.stored_customers(personal=True).to_dicts()
    sent.imported(client, key)
    after = {c["customer_number"]: c for c in books.stored_customers(personal=True).to_dicts()}
    truly = [c for c in before if any(after[c["customer_number"]][k] != v for k, v in c.items())]
    assert len(truly) == row["changed"]


@pytest.mark.req("P-13", "S0-11")
def test_addresses_for_the_desk_and_unknown_agents_are_told_before(cast: Cast, client: Client):
    import_rows(cast, policy_rows(2, agent=MANAGER))
    line = float(rules.applicable(cast.today)["regions.doubtful_below"])
    before = books.queue_counts(ALL, line)
    people = [
        ("D1", *PLAIN, "E0000001", "13800000001", BAISHA, ""),
        ("D2", *PLAIN, "E0000002", "13800000002", "某个没有的地方", ""),
        ("D3", *PLAIN, "E0000003", "13800000003", "", ""),
        (
            "D4",
            *PLAIN,
            "E0000004",
            "13800000004",
            "也没有的地方",
            "",
        ),  # without a policy: the desk does not list it
    ]
    contracts = [
        ("Q1", *CONTRACT, "D1", "D1", MANAGER, "B"), ("Q2", *CONTRACT, "D2", "D2", "777001", "B"),
        ("Q3", *CONTRACT, "D3", "D3", "777001", "B"),
    ]  # fmt: skip
    key, trial = tried(client, cast, book_of(客户=[CUSTOMERS, *people], 保单=[POLICIES, *contracts]))
    assert trial.state == "done", trial.failure
    assert trial.result["rejected"] == 0, trial.result["reasons"]
    ahead = trial.result["ahead"]
    assert (ahead["strangers"], ahead["strangers_policies"]) == (1, 2)
    assert jobs.read_understood(key).strangers == (("777001", 2),)
    text = page(client, f"/imports/{key}/")
    assert "777001" in text
    assert "地址进入人工编码队列" in text
    sent.imported(client, key)
    after = books.queue_counts(ALL, line)
    grown = {why: n - before.get(why, 0) for why, n in after.items() if n != before.get(why, 0)}
    assert grown == ahead["queue"], "the desk lists exactly what was told"
    assert sum(grown.values()) >= 2


@pytest.mark.req("P-13", "L-05")
def test_the_first_rows_are_shown_as_they_were_understood_and_masked(cast: Cast, client: Client):
    import_rows(cast, policy_rows(1, agent=MANAGER))
    head = ("客户编号", "客户姓名", *CUSTOMERS[2:])
    rows = [(f"D{i}", "欧阳明月", *PLAIN[1:], f"E000000{i}", "13812345678", BAISHA, "") for i in range(5)]
    key, trial = tried(client, cast, book_of(客户=[head, *rows]))
    assert trial.state == "done", trial.failure
    (sheet,) = jobs.read_understood(key).sheets
    assert (sheet.shown, sheet.accepted) == (3, 5)
    cells = {column.title: (column.header, column.cells) for column in sheet.columns}
    assert cells["姓名"] == ("客户姓名", ("欧**",) * 3)
    assert cells["联系电话"][1] == ("138****5678",) * 3
    assert cells["出生日期"][1] == ("1980-**-**",) * 3
    assert all("12幢" not in cell and cell for cell in cells["联系地址"][1])
    text = page(client, f"/imports/{key}/")
    assert "系统这样理解" in text
    assert "客户姓名" in text
    for secret in ("欧阳明月", "13812345678", "12幢304"):
        assert secret not in text
        assert secret not in str(trial.result)


@pytest.mark.req("P-13")
def test_the_history_is_narrowed_by_who_when_coverage_state_and_name(cast: Cast, client: Client):
    import_rows(cast, policy_rows(1, agent=MANAGER))
    good = ("D1", *PLAIN, "E0000001", "13800000001", BAISHA, "")
    bad = ("D2", "", *PLAIN[1:], "E0000002", "13800000002", BAISHA, "")
    contract = {"保单": [POLICIES, ("Q1", *CONTRACT, "D1", "D1", MANAGER, "B")]}
    mixed = [bad, ("D3", *good[1:5], "E0000003", *good[6:])]
    for name, rows, more in (("好的名单.xlsx", [good], contract), ("有拒收.xlsx", mixed, {})):
        key, trial = tried(client, cast, book_of(客户=[CUSTOMERS, *rows], **more), name)
        assert trial.state == "done", trial.failure
        sent.imported(client, key)
    mine, today = cast.people[CLERK], cast.today.isoformat()

    def listed(query: str) -> set[str]:
        text = page(client, f"/imports/?{query}")
        return {name for name in ("好的名单.xlsx", "有拒收.xlsx") if f">{name}</a>" in text}

    both = {"好的名单.xlsx", "有拒收.xlsx"}
    assert listed("") == listed(f"by={mine}&from={today}&to={today}&coverage=partial") == both
    assert listed("state=rejects") == {"有拒收.xlsx"}
    assert listed("state=stored") == {"好的名单.xlsx"}
    assert listed("name=名单") == {"好的名单.xlsx"}
    for nothing in ("state=reverted", "state=asked", "to=2020-01-01", "from=2099-01-01", f"by={cast.other}"):
        assert listed(nothing) == set(), nothing
    assert "没有符合条件的导入" in page(client, "/imports/?state=reverted")
    run = next(row.id for row in books.import_page(before=None, size=9) if row.file_name == "好的名单.xlsx")
    client.post(f"/imports/runs/{run}/revert/ask/", {"reason": "数据日期填错了"})
    assert listed("state=asked") == {"好的名单.xlsx"}
    assert listed("state=stored") == set()
    assert listed("state=怪&by=x&from=昨天&coverage=y") == both, "what means nothing is passed over"


@pytest.mark.req("P-13")
def test_remembered_headers_are_seen_and_forgotten(cast: Cast, client: Client):
    import_rows(cast, policy_rows(1, agent=MANAGER))
    assert "还没有记住任何对应" in page(client, "/imports/known/")
    head = ("客户号", "怎么称呼", *CUSTOMERS[2:])
    good = ("D1", *PLAIN, "E0000001", "13800000001", BAISHA, "")
    key, trial = tried(client, cast, book_of(客户=[head, good]))
    assert trial.state == "refused"
    (sheet,) = jobs.sketches(key)
    place = next(j for j, c in enumerate(sheet.columns) if c.header == "怎么称呼")
    client.post(f"/imports/{key}/mapping/", {f"c0-{place}": "name"})
    assert sent.preview(key).state == "done"
    sent.imported(client, key)
    text = page(client, "/imports/known/")
    assert "怎么称呼" in text
    again = ("D2", *PLAIN, "E0000002", "13800000002", BAISHA, "")
    assert tried(client, cast, book_of(客户=[head, again]))[1].state == "done"
    known = KnownHeaders.objects.get().pk
    assert cast.client(Role.AUDITOR).post(f"/imports/known/{known}/forget/").status_code == 403
    assert "已忘记" in client.post(f"/imports/known/{known}/forget/", follow=True).content.decode()
    assert "还没有记住任何对应" in page(client, "/imports/known/")
    third = ("D3", *PLAIN, "E0000003", "13800000003", BAISHA, "")
    assert tried(client, cast, book_of(客户=[head, third]))[1].state == "refused", "asked about again"
    assert "已不在" in client.post(f"/imports/known/{known}/forget/", follow=True).content.decode()


@pytest.mark.req("P-13")
def test_many_working_sheets_are_left_out_in_one_act(cast: Cast, client: Client):
    import_rows(cast, policy_rows(1, agent=MANAGER))
    good = ("D1", *PLAIN, "E0000001", "13800000001", BAISHA, "")
    strange = {f"机构底稿{i:02d}": [("甲列", "乙列"), ("a", "b")] for i in range(29)}
    key, trial = tried(client, cast, book_of(客户=[CUSTOMERS, good], **strange))
    assert trial.state == "refused"
    assert "有 29 张表一个表头也没认出" in page(client, f"/imports/{key}/mapping/")
    client.post(f"/imports/{key}/mapping/", {"skip_strange": "1"})
    trial = sent.preview(key)
    assert trial.state == "done", trial.failure
    assert trial.result["counts"]["customers"] == 1


@pytest.mark.req("P-13")
def test_every_other_file_has_its_place_on_one_page_and_a_template_that_its_reader_takes(
    cast: Cast, client: Client, tmp_path: Any
):
    text = page(client, "/imports/others/")
    for title in (
        "考核指标",
        "企微联系人",
        "信函回执",
        "地址编码簿变更",
        "片区边界",
        "方案的手工调整表",
        "抽签名单",
    ):
        assert title in text
    readers = {
        "facts": lambda file: read_workbook(file).sheets["facts"].frame.height == 1,
        "contacts": lambda file: import_links(file, by=cast.people[CLERK], at=cast.now).added == 0,
        "codebook": lambda file: read_changes(file).height == 0,
    }
    for name in TEMPLATES:
        answer = client.get(f"/imports/others/{name}/")
        assert answer.status_code == 200
        file = tmp_path / f"{name}.xlsx"
        file.write_bytes(b"".join(answer.streaming_content))
        sheet = openpyxl.load_workbook(file).worksheets[0]
        titles = [column.title for column in TEMPLATES[name][1]]
        assert [cell.value for cell in sheet[1]] == titles
        assert "示例" in "".join(str(cell.value or "") for cell in sheet[2])
        assert {sheet.column_dimensions[c.column_letter].width > 8 for c in sheet[1]} == {True}
        assert {cell.number_format for cell in sheet[2]} == {"@"}, "numbers stay text"
        offered = {str(v.sqref).split("2:")[0] for v in sheet.data_validations.dataValidation}
        chosen = {sheet.cell(1, i + 1).column_letter for i, c in enumerate(TEMPLATES[name][1]) if c.choices}
        assert offered == chosen
        if name in readers:
            assert readers[name](file), name
    with pytest.raises(FileRefused, match="没有行"):  # the example is no row
        read_adjustments(tmp_path / "adjustments.xlsx")
    with pytest.raises(FileRefused, match="没有号码"):
        read_numbers(tmp_path / "numbers.xlsx")
    assert client.get("/imports/others/none/").status_code == 404
    auditor = page(cast.client(Role.AUDITOR), "/imports/others/")
    assert "由别的岗位上传" in auditor
    assert "去上传" not in auditor
