"""Lots through the pages: a list is announced, two people commit and reveal, anybody checks the published file."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connections
from django.test.utils import CaptureQueriesContext

from branch_site import BranchSite, appoint_desks, opened_branch
from exported import taken
from filed import file_departments
from tuogu import clock
from tuogu.accesslog import queries as accesslog
from tuogu.accesslog.queries import LogFilter
from tuogu.core.draw import commitment, pseudonyms
from tuogu.core.lots.check import key_fault
from tuogu.core.lots.record import from_bytes
from tuogu.jobs import queries as jobs
from tuogu.jobs import running
from tuogu.ledger import queries as ledger
from tuogu.org import actions as org_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role
from tuogu.org.scope import Scope
from tuogu.plans import queries as plans

pytestmark = pytest.mark.req("N-05")
VERIFIER = Path(__file__).parents[2] / "docs/verify_draw.py"
EVERYTHING = Scope.everything()
CLERK, SECOND = Role.RESOURCE_CLERK, Role.INSPECTOR
QUERIES_MAX = 30
AS_OF = "2026-12-31"


@dataclass
class Site(BranchSite):
    """A branch with people at their posts and a way to act on its draws."""

    def get(self, role: Role, url: str, status: int = 200) -> str:
        answer = self.client(self.people[role]).get(url)
        assert answer.status_code == status, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def post(self, role: Role, url: str, status: int = 200, **values: Any) -> str:
        answer = self.client(self.people[role]).post(url, values, follow=True)
        assert answer.status_code == status, (role, url, answer.status_code)
        return unescape(answer.content.decode())

    def numbers(self, count: int, skip: int = 0) -> list[str]:
        """Policies of the branch."""
        held = ledger.holdings(EVERYTHING, kind="policy").sort("number")
        return held["number"].to_list()[skip : skip + count]

    def open(self, role: Role, code: str, numbers: list[str], count: int, **other: Any) -> tuple[int, str]:
        """The row id of a draw opened on the page, and the key that the page showed."""
        asked = {
            "draw_id": code, "purpose": "季度收回抽取", "count": count, "kind": "policy",
            "numbers": "\n".join(numbers),
        } | other  # fmt: skip
        page = self.post(role, "/draws/new/", **asked)
        found = re.search(r'href="/draws/(\d+)/"', page)
        key = re.search(r'translate="no">([0-9a-f ]+)</p>', page)
        assert found
        assert key
        return int(found.group(1)), key.group(1).replace(" ", "")

    def plan_by(self, strategy: str, **options: str) -> int:
        """The id of a plan that the clerk asked for on the page and a worker made."""
        wish = {"as_of": AS_OF, "seed": "3", "effort": "10000", "strategy": strategy}
        self.post(CLERK, "/plans/new/", **wish, **{f"{strategy}.{k}": v for k, v in options.items()})
        job = jobs.jobs(self.people[CLERK], kind="plan", limit=1)[0]
        running.run(job.id, clock=clock.now)
        done = jobs.jobs(self.people[CLERK], kind="plan", limit=1)[0]
        assert done.state == "done", done.failure
        return int(done.result["plan"])

    def release(self, plan: int) -> None:
        """Approved by the branch manager, released by the clerk."""
        day = clock.business_today().isoformat()
        said = {"decision": "approve", "first_release_date": day, "note": "核对无误"}
        self.post(Role.BRANCH_MANAGER, f"/plans/{plan}/decide/", **said)
        self.post(CLERK, f"/plans/{plan}/release/", override="演练，逐期消化")

    def secret(self, role: Role, draw: int) -> bytes:
        """The file that this party keeps."""
        answer = self.client(self.people[role]).post(f"/draws/{draw}/secret/")
        assert answer.headers["Content-Disposition"].startswith("attachment")
        return bytes(answer.content)

    def finish(self, draw: int) -> None:
        """Two people commit, then reveal."""
        held = {role: self.secret(role, draw) for role in (CLERK, SECOND)}
        for step in ("commit", "reveal"):
            for role, content in held.items():
                self.act(role, draw, step, content)

    def act(self, role: Role, draw: int, step: str, content: bytes) -> str:
        file = SimpleUploadedFile("secret.json", content, "application/json")
        return self.post(role, f"/draws/{draw}/{step}/", secret=file)


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: Any) -> Iterator[Site]:
    with opened_branch(tmp_path_factory.mktemp("draws"), django_db_blocker) as branch:
        yield Site(branch, branch.result["plan"], appoint_desks(lead_of_one_team=False))


def test_two_people_draw_and_an_outsider_checks_the_downloaded_file(site: Site, tmp_path: Path):
    numbers = site.numbers(12)
    assert "还没有抽签" in site.get(CLERK, "/draws/")
    draw, key = site.open(CLERK, "2026Q4-核验", numbers, 3)
    page = site.get(CLERK, f"/draws/{draw}/")
    assert "至少要两个人承诺" in page
    assert "还缺 2 方承诺" in page
    assert "两方承诺后才有" in page
    assert plans.draw_state("2026Q4-核验").announced not in page, (
        "it changes with every commitment: nothing to post yet"
    )
    secrets = {role: site.secret(role, draw) for role in (CLERK, SECOND)}
    assert "待承诺 0/2" in site.get(CLERK, "/draws/"), "a secret promises nothing"
    said = site.act(CLERK, draw, "commit", secrets[CLERK])
    assert "已记下你的承诺" in said
    assert "还缺一人承诺" in said
    assert "至少 2 方作出承诺后才能公开种子" in site.act(CLERK, draw, "reveal", secrets[CLERK])
    assert "不能更换" in site.act(CLERK, draw, "commit", site.secret(CLERK, draw))
    assert "不能照抄" in site.act(SECOND, draw, "commit", secrets[CLERK])
    site.act(SECOND, draw, "commit", secrets[SECOND])
    announced = plans.draw_state("2026Q4-核验").announced
    labels = org.labels(site.people[role] for role in (CLERK, SECOND))
    waiting = site.get(CLERK, f"/draws/{draw}/")
    assert f"还没有公开种子：{labels[site.people[CLERK]]}、{labels[site.people[SECOND]]}" in waiting
    assert announced in waiting
    assert "两方承诺后才有" not in waiting

    assert f"还等 {labels[site.people[CLERK]]} 公开" in site.act(SECOND, draw, "reveal", secrets[SECOND])
    assert "各方都公开种子之后" in site.get(CLERK, f"/draws/{draw}/")
    site.post(CLERK, f"/draws/{draw}/numbers.csv", status=404, reason="提前看看结果")
    done = site.act(CLERK, draw, "reveal", secrets[CLERK])
    assert "抽出 3 个，结果不能更改" in done

    file = tmp_path / "public.json"
    answer = site.client(site.people[Role.AUDITOR]).get(f"/draws/{draw}/public.json")
    file.write_bytes(answer.content)
    ran = subprocess.run(
        [sys.executable, VERIFIER, file, announced], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    drawn = ran.stdout.split()[1:]
    rows = plans.drawn_numbers("2026Q4-核验", EVERYTHING)
    assert drawn == rows["pseudonym"].to_list()
    assert set(rows["number"]) < set(numbers)
    assert not any(number in answer.content.decode() for number in numbers)
    # the key that was shown once binds the list: an auditor who holds it can check both
    public = from_bytes(answer.content)
    table = pseudonyms(numbers, key=bytes.fromhex(key), draw_id="2026Q4-核验")
    assert key_fault(public, bytes.fromhex(key), table) is None
    # somebody who changes one byte is found out
    changed = json.loads(answer.content)
    changed["announcement"]["count"] = 4
    file.write_text(
        json.dumps(changed, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )
    again = subprocess.run([sys.executable, VERIFIER, file, announced], capture_output=True, check=False)
    assert again.returncode != 0


@pytest.mark.req("P-12")
def test_real_numbers_stand_only_where_the_post_may_see_them(site: Site):
    head = plans.draw_heads(EVERYTHING)[0][0]
    rows = plans.drawn_numbers(head.code, EVERYTHING)
    for role in (CLERK, Role.BRANCH_MANAGER, Role.AUDITOR):
        page = site.get(role, f"/draws/{head.id}/")
        assert all(number in page for number in rows["number"]), role
        listed = taken(site.client(site.people[role]), f"/draws/{head.id}/numbers.csv").decode("utf-8-sig")
        lines = listed.splitlines()
        assert [line.split(",")[1] for line in lines[1:-1]] == rows["number"].to_list()
        assert lines[-1].startswith("水印 · ")
    looked = accesslog.log_page(EVERYTHING, LogFilter(kind="export")).rows
    assert [look.rows for look in looked[:3]] == [rows.height] * 3
    for role in (Role.TEAM_LEAD, Role.INSPECTOR):
        page = site.get(role, f"/draws/{head.id}/")
        assert all(name in page for name in rows["pseudonym"]), role
        assert not any(number in page for number in rows["number"]), role
        site.post(role, f"/draws/{head.id}/numbers.csv", status=403)
    site.post(Role.AUDITOR, f"/draws/{head.id}/commit/", status=403)
    site.post(Role.INSPECTOR, "/draws/new/", status=403)


def test_a_list_that_cannot_be_drawn_from_is_refused_and_nothing_is_written(site: Site):
    numbers, before = site.numbers(5), plans.draw_heads(EVERYTHING)[1]
    wrong: dict[str, dict[str, Any]] = {
        "二者选一": {"numbers": ""},
        "请填写抽取编号": {"count": 0},
        "1 个号码不在账内或不在您的范围内，例如 P999": {"numbers": " ".join([*numbers, "P999"])},
        "重复号码": {"numbers": "，".join([*numbers, numbers[0]])},
        "不能抽 6 个": {"count": 6},
        "抽取编号 2026Q4-核验 已用过": {"draw_id": "2026Q4-核验"},
        "3 个号码不在账内": {"kind": "customer", "numbers": "\n".join(numbers[:3])},
        "不止一列": {
            "numbers": "", "file": SimpleUploadedFile("list.csv", f"号码,备注\n{numbers[0]},甲\n".encode()),
        },
    }  # fmt: skip
    for words, change in wrong.items():
        asked = {"draw_id": "D9", "purpose": "检查", "count": 2, "kind": "policy",
                 "numbers": "\n".join(numbers)} | change  # fmt: skip
        assert words in site.post(CLERK, "/draws/new/", 400, **asked), words
    assert plans.draw_heads(EVERYTHING)[1] == before


def test_a_list_may_come_as_a_file_and_customers_may_be_drawn(site: Site):
    numbers = site.numbers(4)
    file = SimpleUploadedFile("list.csv", ("号码,备注\n" + "".join(f"{n},甲\n" for n in numbers)).encode())
    draw, _key = site.open(Role.BRANCH_MANAGER, "D-file", [], 2, file=file, column="号码")
    assert plans.draw_head(draw, EVERYTHING).listed == 4
    holders = plans.load_plan(site.plan)[1].books.policies["holder_number"].unique().sort().to_list()[:6]
    draw, _key = site.open(CLERK, "D-customers", holders, 2, kind="customer")
    head = plans.draw_head(draw, EVERYTHING)
    assert (head.kind, head.listed, head.count, head.state) == ("customer", 6, 2, "committing")


def test_a_commitment_made_elsewhere_counts_and_a_strange_secret_does_not(site: Site):
    draw, _key = site.open(CLERK, "D-own", site.numbers(5), 1)
    other, _key = site.open(CLERK, "D-other", site.numbers(5), 1)
    strange = site.secret(CLERK, other)
    assert "另一次抽取的密件" in site.act(CLERK, draw, "commit", strange)
    assert "不是抽取的密件" in site.act(CLERK, draw, "commit", b"{}")
    assert "不是抽取的密件" in site.act(CLERK, draw, "commit", b"x" * 5_000)
    own = site.secret(Role.TEAM_LEAD, draw)
    told = json.loads(own)
    made = commitment(bytes.fromhex(told["salt"]), bytes.fromhex(told["seed"]))
    assert "已记下你的承诺" in site.post(Role.TEAM_LEAD, f"/draws/{draw}/commit/", commitment=made)
    secret = site.secret(CLERK, draw)
    site.act(CLERK, draw, "commit", secret)
    assert "与其承诺不符" in site.act(CLERK, draw, "reveal", site.secret(CLERK, draw))
    site.act(CLERK, draw, "reveal", secret)
    assert "抽出 1 个" in site.act(Role.TEAM_LEAD, draw, "reveal", own)


@pytest.mark.req("S2-10")
def test_a_department_s_list_of_a_campaign_and_of_its_reclaim(site: Site):
    """The campaign's list is all that the department was given; the reclaim's is what it draws from, and how many."""
    campaign = site.plan_by("campaign")
    placed = plans.table_of(campaign, "placements").filter(pl.col("receiver").str.starts_with("department:"))
    form = site.get(CLERK, f"/draws/new/?plan={campaign}")
    receiver = placed["receiver"].sort()[0]
    own = placed.filter(receiver=receiver)
    assert f"名单 {own.height:,} 位客户" in form
    department = receiver.removeprefix("department:")
    asked = {"draw_id": "D-campaign", "purpose": "检查", "count": 1, "list": f"{department}|"}
    assert "已发起抽签" in site.post(CLERK, f"/draws/new/?plan={campaign}", **asked)
    assert plans.draw_heads(EVERYTHING)[0][0].listed == own.height
    wrong = asked | {"draw_id": "D-none", "list": "nobody|"}
    assert "没有部门 nobody 的名单" in site.post(CLERK, f"/draws/new/?plan={campaign}", 400, **wrong)
    assert "这个方案没有可抽的部门名单" in site.get(CLERK, f"/draws/new/?plan={site.plan}")

    file_departments(campaign, person=site.people[CLERK], by=site.people[CLERK])
    site.release(campaign)
    listing = site.plan_by("reclaim", stage="q2", early="yes")
    draws = plans.table_of(listing, "own.draws").sort("department", "part")
    assert draws.height > 1
    form, codes = site.get(CLERK, f"/draws/new/?plan={listing}"), []
    for row in draws.iter_rows(named=True):
        assert f"名单 {row['listed']:,} 位客户，按考核应抽 {row['drawn']:,} 位" in form
        department = row["department"].removeprefix("department:")
        codes.append(f"D-{department}")
        asked = {"draw_id": codes[-1], "purpose": "回收", "list": f"{department}|{row['part']}"}
        chosen = site.get(CLERK, f"/draws/new/?plan={listing}&list={asked['list']}")
        assert f'name="count" type="number" min="1" required value="{row["drawn"] or ""}"' in chosen
        more = {"count": (row["drawn"] or 0) + 1}
        refused = site.post(CLERK, f"/draws/new/?plan={listing}", 400, **more, **asked)
        assert f"方案写明应抽 {row['drawn']} 个，填的是 {row['drawn'] + 1} 个" in refused
        assert 'name="other_count"' in refused
        agreed = {"count": row["drawn"]} if row["drawn"] else {"count": 1, "other_count": "on"}
        site.post(CLERK, f"/draws/new/?plan={listing}", **agreed, **asked)
        head = plans.draw_heads(EVERYTHING)[0][0]
        assert (head.kind, head.listed) == ("customer", row["listed"])
        site.finish(head.id)
    _every_list_at_once(site, listing, draws)
    link = re.search(r'href="(/plans/new/\?[^"]+)"', site.get(CLERK, f"/draws/{head.id}/"))
    assert link
    assert f'value="{codes[-1]}"' in site.get(CLERK, link.group(1))
    reclaim = site.plan_by("reclaim", stage="q2", early="yes", draw_id=",".join(codes))
    taken = plans.table_of(reclaim, "own.lots").filter("drawn")
    for code, due in zip(codes, draws["drawn"], strict=True):
        names = plans.drawn_numbers(code, EVERYTHING)["pseudonym"].head(due).to_list()
        assert taken.filter(pl.col("pseudonym").is_in(names)).height == due, (
            "not whom the published draw names"
        )
    assert "按本次抽签" in site.get(CLERK, f"/draws/{head.id}/")
    published = {code: plans.draw_state(code).list_digest for code in codes}
    told = plans.table_of(reclaim, "own.draws").select("draw_id", "list_digest")
    assert dict(told.iter_rows()) == published, (
        "each list names its own draw and the digest that was published"
    )


def _every_list_at_once(site: Site, listing: int, draws: pl.DataFrame) -> None:
    """All or none: an id that is taken refuses every draw."""
    due = draws.filter(pl.col("drawn") > 0)
    codes = [f"Q2-{department.removeprefix('department:')}" for department in due["department"]]
    before = plans.draw_heads(EVERYTHING)[1]
    asked = {"every": "1", "draw_id": "D", "purpose": "回收"}
    assert "已用过" in site.post(CLERK, f"/draws/new/?plan={listing}", 400, **asked)
    assert plans.draw_heads(EVERYTHING)[1] == before
    page = site.post(CLERK, f"/draws/new/?plan={listing}", **asked | {"draw_id": "Q2"})
    assert f"已发起抽签 {len(codes)} 次" in page
    heads = plans.draw_heads(EVERYTHING, size=len(codes))[0]
    assert {head.code: head.count for head in heads} == dict(zip(codes, due["drawn"], strict=True))
    keys = re.findall(r'translate="no">([0-9a-f ]{64,})</p>', page)
    assert len(set(keys)) == len(codes), "each draw has a key of its own"


@pytest.mark.req("P-12")
def test_a_draw_out_of_scope_is_not_there(site: Site):
    """A lead of one team: the list is managed by institutions beyond it."""
    today = clock.business_today()
    staff = org.people(EVERYTHING, today)
    team = staff.filter(series="collection")["team_code"][0]
    person = staff.filter(series="service")["custodian_id"][0]
    org_actions.appoint(
        person, Role.TEAM_LEAD, institution_code=team, from_date=today, by=org.machine(), at=clock.now()
    )
    client, draw = site.client(person), plans.draw_heads(EVERYTHING)[0][0].id
    assert "还没有您能查看的抽签" in client.get("/draws/").content.decode()
    for url in (f"/draws/{draw}/", f"/draws/{draw}/public.json"):
        assert client.get(url).status_code == 404
    for act in ("secret", "commit", "reveal"):
        assert client.post(f"/draws/{draw}/{act}/").status_code == 404


def test_as_many_queries_for_a_thousand_as_for_ten(site: Site):
    asked = []
    for code, count in (("D-ten", 10), ("D-thousand", 1_000)):
        draw, _key = site.open(CLERK, code, site.numbers(count), count)
        site.finish(draw)
        asked.append([_queries(site, f"/draws/{draw}/"), _queries(site, "/draws/")])
    assert asked[0] == asked[1]
    assert max(asked[1]) <= QUERIES_MAX


def _queries(site: Site, url: str) -> int:
    client, counted = site.client(site.people[CLERK]), 0
    client.get(url)
    for alias in connections:
        with CaptureQueriesContext(connections[alias]) as captured:
            assert client.get(url).status_code == 200
        counted += len(captured)
    return counted
