"""The steps of a month at the branch, each as one of its people takes it on the pages: what `test_month` is made of.

In: a page of a signed-in person. Out: what the page said, as figures. Never: an assertion about what follows from a step
(that is the scenario's).
"""

from __future__ import annotations

import re

import monthly_file
from monthly_file import MonthlyFile
from playwright.sync_api import Page, expect

from tools.serving import Person
from tuogu import clock

EFFORT = "200000"
JOB_MS = 60_000


def figures(text: str) -> list[int]:
    """The whole numbers of a text, thousands separators taken out."""
    return [int(found.replace(",", "")) for found in re.findall(r"\d[\d,]*", text)]


def outcome(page: Page) -> str:
    """What the page says that the last act did."""
    page.locator("[role=status]:visible").first.wait_for()
    return " ".join(page.locator("[role=status]:visible").all_inner_texts())


def go(page: Page, *links: str) -> None:
    """Follow links by their words."""
    for link in links:
        page.get_by_role("link", name=link).first.click()


def upload_with_mapping(page: Page, month: MonthlyFile) -> None:
    """The clerk uploads the file, says what the strange header means, reads the dry run and commits."""
    go(page, "导入", "上传工作簿")
    page.get_by_label("选择文件").set_input_files(month.path)
    page.get_by_label("数据日期").fill(clock.business_today().isoformat())
    page.get_by_role("button", name="上传并试导入").click()
    page.get_by_role("link", name="指定列的对应").click(timeout=JOB_MS)
    page.get_by_role("combobox", name=f"{monthly_file.STRANGE_HEADER} 认作").select_option("policy_number")
    page.get_by_role("button", name="保存并重新试读").click()
    result = page.locator("#s-result").locator("xpath=ancestor::section")
    result.wait_for(timeout=JOB_MS)
    assert figures(result.get_by_text("将接收").inner_text())[:3] == [
        month.accepted + monthly_file.BAD, month.accepted, monthly_file.BAD,
    ]  # fmt: skip
    expect(page.locator("#rejected tbody tr")).to_have_count(monthly_file.BAD)
    page.get_by_role("button", name=f"入库 {month.accepted} 行").click()
    page.wait_for_url("**/imports/runs/*/", timeout=JOB_MS)
    page.get_by_role("button", name=f"下载 {monthly_file.BAD} 行").first.click()
    dialog = page.locator("dialog[open]")
    dialog.get_by_label("导出原因").fill("补正后重新导入")
    with page.expect_download() as fetched:
        dialog.get_by_role("button", name="导出", exact=True).click()
    assert fetched.value.path().stat().st_size > 0
    page.get_by_role("searchbox", name="搜索").fill(month.policies[0])
    page.keyboard.press("Enter")
    expect(page.get_by_text(month.policies[0]).first).to_be_visible()


def make_plan(page: Page) -> tuple[int, int]:
    """(plan, placed policies) of a new plan, followed by its progress row."""
    go(page, "分配", "新方案")
    page.get_by_label("求解力度").fill(EFFORT)
    page.get_by_role("button", name="生成方案").click()
    done = page.get_by_role("link", name=re.compile(r"方案 \d+ 已生成"))
    done.click(timeout=JOB_MS)
    page.wait_for_url("**/plans/*/")
    plan = figures(page.url.rsplit("/plans/", 1)[1])[0]
    board = page.locator(".tg-cert")
    assert figures(board.locator("> div").nth(0).locator(".v").inner_text()) == [0]  # violations
    unplaced = figures(board.locator("> div").nth(4).locator(".v").inner_text())[0]
    total = figures(board.locator("> div").nth(4).locator(".d").inner_text())[0]
    assert 0 < unplaced < total
    return plan, total - unplaced


def compare(page: Page, plan: int) -> list[str]:
    """The labels of the figures that stand beside today's custody."""
    go(page, "分配", f"方案 {plan}", "并排看")
    page.wait_for_url("**/compare/**")
    return page.locator("main table").first.locator("tbody tr > :first-child").all_inner_texts()


def adjust_by_hand(page: Page, plan: int, pieces: int) -> tuple[int, str]:
    """(revision, staff number) after some rows of one list went to whom the page offers first: the checker accepts it."""
    page.goto(f"/plans/{plan}/rows/")
    page.get_by_label("接收人", exact=True).select_option(index=1)
    page.wait_for_url("**manager=**")
    for row in page.locator("[data-tg-pick]").all()[:pieces]:
        row.check()
    page.get_by_role("button", name="人工调整").click()
    choice = page.get_by_label("改给谁")
    assert "复核通过" in str(choice.locator("optgroup").first.get_attribute("label"))
    receiver = choice.input_value()
    page.get_by_label("理由").fill("客户与新经理同村")
    page.get_by_label("确认件数").fill(str(pieces))
    page.get_by_role("button", name="试算").click()
    expect(page.get_by_text("没有新的违规")).to_be_visible()
    page.get_by_role("button", name=f"存为修订稿（{pieces} 行）").click()
    said = outcome(page)
    assert f"调整 {pieces} 行，公开放宽 0 项" in said
    return figures(page.url.rsplit("/plans/", 1)[1])[0], receiver


def notify(page: Page) -> tuple[int, int]:
    """(cases that wait, cases for which a letter was made ready) of the leaver's customers."""
    go(page, "离职告知")
    waiting = sum(
        figures(row.locator("td").nth(5).inner_text())[0]
        for row in page.locator("tbody tr:has(td:nth-child(8))").all()
    )
    page.get_by_role("link", name="准备告知").click()
    page.get_by_label("全选本页").check()
    page.get_by_role("button", name="准备消息").click()
    page.get_by_label("渠道").select_option("letter")
    page.get_by_role("button", name=re.compile(r"为 .* 件准备消息")).click()
    said = outcome(page)
    return waiting, figures(said[said.index("已为") :])[0]


def claim(page: Page) -> int:
    """The account manager takes the first piece of the pool; returns how many are in hand."""
    page.goto("/m/pool/")
    page.get_by_role("button", name=re.compile("^认领 ")).first.click()
    assert "已认领 1 件" in outcome(page)
    return figures(page.locator(".tg-ph-head .sub").inner_text())[0]


def approve(page: Page, plan: int) -> None:
    """The second person decides; the maker could not."""
    go(page, "分配", f"方案 {plan}", "审批这个方案")
    page.get_by_role("button", name="批准").click()
    page.locator("dialog#approve-ask").get_by_role("button", name="批准", exact=True).click()
    assert f"方案 {plan} 已批准" in outcome(page)


def release(page: Page, plan: int) -> int:
    """Pieces that the first instalment posted."""
    go(page, "分配", f"方案 {plan}")
    page.get_by_role("button", name="下发到期").click()
    dialog = page.locator("dialog#release")
    foreseen = figures(dialog.locator("tbody tr").first.locator("td").nth(1).inner_text())[0]
    dialog.get_by_role("button", name="下发", exact=True).click()
    said = outcome(page)
    posted = figures(said[said.index("已下发") :])[0]
    assert posted == foreseen
    return posted


def policies_on_phone(page: Page) -> int:
    """Policies that the account manager's list counts."""
    page.goto("/m/customers/")
    return figures(page.locator(".tg-ph-head .sub").inner_text())[1]


def entries_of(page: Page, person: Person) -> int:
    """Released entries whose new custodian is that person, counted by the ledger page."""
    page.goto(f"/ledger/?kind=release&relation=custody&custodian={person.staff_number}")
    return figures(page.locator("#ledger-count").inner_text())[0]


def record_leaving(page: Page, *, stay: set[str]) -> int:
    """Another collection manager leaves today; returns how many policies went to the buffer group."""
    go(page, "人员")
    page.get_by_label("系列").select_option(label="收展")
    page.wait_for_url("**series=**")
    rows = [row.locator("td").all_inner_texts() for row in page.locator("#rows tbody tr").all()]
    leaver, held = next((row[0], figures(row[7])[0]) for row in rows if row[0] not in stay and row[9] == "—")
    go(page, leaver, "登记离司")
    foreseen = figures(
        page.locator("#s-preview").locator("xpath=ancestor::section").locator("tfoot td").nth(1).inner_text()
    )[0]
    assert foreseen == held > 0
    page.get_by_role("button", name=f"登记离司，转走 {held:,} 件").click()
    said = outcome(page)
    assert f"{held:,} 件转入保全组" in said
    assert "名下现为 0 件" in said
    return held


def ask_undo(page: Page, plan: int, posted: int) -> int:
    """The clerk asks with a reason; returns the conflicts that the dialog lists."""
    go(page, "分配", f"方案 {plan}")
    page.get_by_role("button", name="撤销", exact=True).click()
    dialog = page.locator("dialog#undo")
    rows = dialog.locator("tbody").first.locator("tr")
    undoable, conflicts = (figures(rows.nth(i).locator("td").nth(1).inner_text())[0] for i in (0, 1))
    assert undoable + conflicts == posted
    dialog.get_by_label("理由").fill("分配前未核对停业网点")
    dialog.get_by_label("输入要撤销的数量").fill(str(undoable))
    dialog.get_by_role("button", name=f"提交撤销 {undoable:,} 件").click()
    assert "另一人确认后才生效" in outcome(page)
    return conflicts


def confirm_undo(page: Page, plan: int, back: int, kept: int) -> None:
    """Another person confirms; the page says what went back and what stayed."""
    go(page, "分配", f"方案 {plan}")
    page.get_by_role("button", name="处理撤销申请").click()
    page.locator("dialog#undo").get_by_role("button", name=f"确认撤销 {back:,} 件").click()
    said = outcome(page)
    assert figures(said[said.index("已撤销") :])[:2] == [back, kept]


def code_addresses(page: Page, pieces: int) -> tuple[int, int]:
    """(left before, left after) of the address queue, the first pieces decided by the key 1, the last one undone."""
    go(page, "地址")
    before = _left(page)
    for done in range(1, pieces + 1):
        while not page.locator("#choose-1").count():  # no candidate: somebody has to ask the customer
            here = page.url
            page.keyboard.press("n")
            page.wait_for_url(lambda url, before=here: url != before)
        page.keyboard.press("1")
        expect(page.locator(".tg-head .sub")).to_contain_text(f"今日已处理 {done}，")
    page.keyboard.press("u")
    expect(page.locator(".tg-head .sub")).to_contain_text(f"今日已处理 {pieces - 1}，")
    return before, _left(page)


def _left(page: Page) -> int:
    said = page.locator(".tg-head .sub").inner_text()
    return figures(said[said.index("剩余") :])[0]


def audit_pack(page: Page) -> bytes:
    """The pack of the last month, made and fetched by the auditor."""
    go(page, "审计", "检查包")
    page.get_by_role("button", name="生成检查包").click()
    link = page.get_by_role("link", name="下载").first
    link.wait_for(timeout=JOB_MS)
    with page.expect_download() as fetched:
        link.click()
    return fetched.value.path().read_bytes()
