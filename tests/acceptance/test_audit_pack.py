"""N-15: one command, one period, one pack; an outsider finds a single changed byte without the database."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from html import unescape
from pathlib import Path

import polars as pl
import pytest

from branch_site import BranchSite, appoint_desks, opened_branch
from tuogu import clock
from tuogu.audit import verify_pack
from tuogu.audit.sources import SOURCES
from tuogu.audit.sources import told as told_of
from tuogu.jobs import queries as jobs
from tuogu.jobs import running
from tuogu.ledger import actions as ledger_actions
from tuogu.org import queries as org
from tuogu.org.roles import Role

pytestmark = pytest.mark.database
FLIPS = 400  # positions of one changed byte, spread over the file


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_blocker: object) -> Iterator[BranchSite]:
    with opened_branch(tmp_path_factory.mktemp("audit"), django_db_blocker) as branch:
        ledger_actions.seal_pending(by=org.machine(), recorded_at=clock.now())
        yield BranchSite(branch, 0, appoint_desks(lead_of_one_team=False))


def made(site: BranchSite) -> bytes:
    """The pack of the whole year, asked for on the page and fetched from it."""
    auditor = site.client(site.people[Role.AUDITOR])
    today = clock.business_today()
    wish = {"from": f"{today.year}-01-01", "to": today.isoformat()}
    auditor.post("/audit/packs/new/", wish)
    job = jobs.jobs(site.people[Role.AUDITOR], kind="audit_pack", limit=1)[0]
    assert running.run(job.id, clock=clock.now) == "done"
    job = jobs.jobs(site.people[Role.AUDITOR], kind="audit_pack", limit=1)[0]
    answer = auditor.get(f"/audit/packs/{job.result['audit_pack']}.zip")
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


@pytest.mark.req("N-15")
def test_the_rooms_tell_in_words(site: BranchSite):
    """No heading and no cell is a code of the program, names of things apart."""
    site.client(site.people[Role.AUDITOR]).get("/policies/")
    word, today = re.compile(r"[a-z]{3,}"), clock.business_today()
    names_of_things = ("键", "对象", "文件", "制度", "接收方", "文件名", "发送键", "接口", "摘要")
    codes, rooms = {}, set()
    for source, name, frame in told_of(today.replace(month=1, day=1), today):
        assert not word.search(" ".join(frame.columns)), (source.room, name)
        if frame.height:
            rooms.add(source.room)
        for heading in frame.select(pl.col(pl.String)).columns:
            cells = [cell for cell in frame[heading].drop_nulls() if word.search(cell)]
            if cells and not heading.endswith(names_of_things):
                codes[f"{source.room} {name} {heading}"] = cells[:3]
    assert codes == {}
    assert rooms >= {"org", "books", "ledger", "rules", "accesslog"}


@pytest.mark.req("N-15")
def test_a_pack_made_on_the_page_is_checked_without_the_database(site: BranchSite, tmp_path: Path):
    file = tmp_path / "pack.zip"
    file.write_bytes(made(site))
    with zipfile.ZipFile(file) as pack:
        manifest = json.loads(pack.read("manifest.json"))
        pack.extract("verify_pack.py", tmp_path)
        held = {f["path"]: f["rows"] for f in manifest["files"]}
    digest = verify_pack.sha(file.read_bytes())
    assert held["ledger/seals.json"] >= 1
    assert held["tables/导入-导入.csv"] == 1
    assert held["tables/台账-批次.csv"] >= 1
    assert sum(rows for path, rows in held.items() if path.startswith("ledger/seal-")) > 3_000
    alone = [sys.executable, "-I", str(tmp_path / "verify_pack.py"), str(file), digest]
    done = subprocess.run(alone, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "fits\n")
    auditor = site.client(site.people[Role.AUDITOR])
    with file.open("rb") as pack_file:
        text = unescape(auditor.post("/audit/packs/check/", {"pack": pack_file}).content.decode())
    assert "一字不差" in text


@pytest.mark.req("N-15")
def test_one_changed_byte_anywhere_is_found(site: BranchSite, tmp_path: Path):
    whole = made(site)
    digest, file = verify_pack.sha(whole), tmp_path / "pack.zip"
    step = max(1, len(whole) // FLIPS)
    for place in range(0, len(whole), step):
        changed = bytearray(whole)
        changed[place] ^= 1
        file.write_bytes(changed)
        assert verify_pack.faults(file, digest), place
    file.write_bytes(whole)
    assert verify_pack.faults(file, digest) == []


@pytest.mark.req("N-15")
@pytest.mark.parametrize("inside", ["tables/台账-批次.csv", "ledger/seals.json", "ledger/seal-00000001.txt"])
def test_a_rewritten_file_is_named_even_without_the_announced_digest(
    site: BranchSite, tmp_path: Path, inside: str
):
    source, file = zipfile.ZipFile(io.BytesIO(made(site))), tmp_path / "pack.zip"
    with zipfile.ZipFile(file, "w") as forged:
        for name in source.namelist():
            content = source.read(name)
            forged.writestr(name, content.replace(b"1", b"7", 1) if name == inside else content)
    assert any(
        inside in fault or "封条" in fault or "ledger/seal" in fault for fault in verify_pack.faults(file)
    )


@pytest.mark.req("N-15")
def test_a_forger_who_rewrites_the_manifest_too_breaks_the_chain(site: BranchSite, tmp_path: Path):
    """An entry changed, every digest of the manifest made to fit: the seal still tells."""
    source, file = zipfile.ZipFile(io.BytesIO(made(site))), tmp_path / "pack.zip"
    contents = {name: source.read(name) for name in source.namelist()}
    name = "ledger/seal-00000001.txt"
    contents[name] = contents[name].replace(b"open", b"epon", 1)
    manifest = json.loads(contents.pop("manifest.json"))
    for told in manifest["files"]:
        told["sha256"] = verify_pack.sha(contents[told["path"]])
    lines = "".join(f"{told['sha256']}  {told['path']}\n" for told in manifest["files"])
    manifest["root"] = verify_pack.sha(lines.encode())
    with zipfile.ZipFile(file, "w") as forged:
        for path, content in {**contents, "manifest.json": json.dumps(manifest).encode()}.items():
            forged.writestr(path, content)
    assert verify_pack.faults(file) == ["封条 1 内的记录不是当时封存的"]


@pytest.mark.req("N-15")
def test_the_command_makes_and_checks_a_pack(site: BranchSite, tmp_path: Path):
    tuogu, file = site.branch.command, tmp_path / "pack.zip"
    day = clock.business_today()
    period = ("--from", f"{day.year}-01-01", "--to", day, "--out", file)
    refused = tuogu.try_run("audit", "pack", "--from", "2031-01-01", "--to", day, "--out", file)
    assert refused.returncode == 2
    assert not file.exists()
    tuogu.run("audit", "pack", *period)
    tuogu.run("audit", "verify", file)
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    tuogu.run("audit", "verify", file, codes=(1,))


def test_the_period_page_leads_to_the_rows_and_shows_nobody_in_clear(site: BranchSite):
    auditor = site.client(site.people[Role.AUDITOR])
    text = unescape(auditor.get("/audit/").content.decode())
    for source in SOURCES:
        assert source.heading in text
    rows = unescape(auditor.get("/audit/in/ledger/批次/").content.decode())
    assert "建档" in rows
    site.client(site.people[Role.AUDITOR]).get("/policies/")
    looks = unescape(auditor.get("/audit/in/accesslog/查看与导出/").content.decode())
    assert "policies:list" not in looks, "pages by their words"
    assert re.search(r">\d{4}-\d\d-\d\d \d\d:\d\d:\d\d</td>", looks)
    assert auditor.get("/audit/in/ledger/没有/").status_code == 404
    assert auditor.get("/audit/in/nowhere/批次/").status_code == 404
    nothing = unescape(auditor.get("/audit/in/ledger/批次/", {"has": "没有这样的字"}).content.decode())
    assert "没有这样的记录" in nothing


def test_every_room_with_an_account_for_auditors_stands_in_the_pack():
    import importlib
    import pkgutil

    import tuogu as package

    rooms = [module.name for module in pkgutil.iter_modules(package.__path__) if module.ispkg]
    telling = set()
    for room in rooms:
        folder = Path(str(package.__file__)).parent / room / "queries.py"
        if folder.exists() and hasattr(importlib.import_module(f"tuogu.{room}.queries"), "audit_tables"):
            telling.add(room)
    assert {source.room for source in SOURCES} == telling
