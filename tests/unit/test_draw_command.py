"""`tuogu draw` as two parties and an outsider use it: files, exit codes, what is refused."""

from __future__ import annotations

import io
import json
import stat
import subprocess
import sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest

from command import Command
from tuogu.cli import main

pytestmark = pytest.mark.req("N-05")
SCRIPT = Path(__file__).parents[2] / "docs/verify_draw.py"
NUMBERS = [f"C{i:04d}" for i in range(30)]


class Desk(Command):
    """The command in this very process: starting it anew for each of sixty acts would take a minute."""

    def try_run(self, *words: object, stdin: str | None = None) -> subprocess.CompletedProcess[str]:
        argv, out, err = ["tuogu", *map(str, words)], io.StringIO(), io.StringIO()
        printed = redirect_stdout(out), redirect_stderr(err)
        with patch.object(sys, "argv", argv), printed[0], printed[1], pytest.raises(SystemExit) as left:
            main()
        code = left.value.code
        assert code is None or isinstance(code, int)
        return subprocess.CompletedProcess(argv, code or 0, out.getvalue(), err.getvalue())


@pytest.fixture
def desk(tmp_path: Path) -> Command:
    return listed(Desk("sqlite://:memory:", tmp_path))


def listed(desk: Command) -> Command:
    """The desk with its list of thirty customers."""
    rows = "".join(f"{number},客户{i}\n" for i, number in enumerate(NUMBERS))
    (desk.folder / "list.csv").write_text("客户号,姓名\n" + rows, encoding="utf-8")
    return desk


def opened(desk: Command, *more: object, codes: tuple[int, ...] = (0,)) -> Any:
    words = (
        "--list",
        desk.folder / "list.csv",
        "--column",
        "客户号",
        "--count",
        5,
        "--draw-id",
        "2026Q1",
        "--party",
        "A",
    )
    return desk.json("draw", "commit", *words, "--out", desk.folder / "a", *more, codes=codes)


def joined(desk: Command, party: str = "B") -> Any:
    return desk.json(
        "draw", "commit", "--join", public(desk), "--party", party, "--out", desk.folder / "b", codes=(0,)
    )


def public(desk: Command) -> Path:
    return desk.folder / "a/2026Q1.public.json"


def secret(desk: Command, party: str) -> Path:
    return desk.folder / party.lower() / f"2026Q1.{party}.secret.json"


def refused(desk: Command, *words: object) -> str:
    done = desk.try_run("draw", *words)
    assert done.returncode == 2, done.stdout + done.stderr
    return done.stderr


def test_two_parties_draw_and_an_outsider_draws_again(desk: Command) -> None:
    first = opened(desk, "--purpose", "季度收回")
    assert (first["listed"], first["count"], first["parties"], first["result"]) == (30, 5, ["A"], None)
    for kept in (first["secret"], first["key"]):
        assert stat.S_IMODE(Path(kept).stat().st_mode) == 0o600
    assert not any(number in public(desk).read_text() for number in NUMBERS)
    assert "至少 2 方" in refused(desk, "reveal", public(desk), "--secret", secret(desk, "A"))
    second = joined(desk)
    assert second["announced"] != first["announced"]
    assert second["list_digest"] == first["list_digest"]
    assert desk.json("draw", "verify", public(desk), codes=(1,))["complete"] is False

    half = desk.json("draw", "reveal", public(desk), "--secret", secret(desk, "B"), codes=(0,))
    assert (half["awaited"], half["result"]) == (["A"], None)
    key = desk.folder / "a/2026Q1.key.json"
    whole = desk.json("draw", "reveal", public(desk), "--secret", secret(desk, "A"), "--key", key, codes=(0,))
    drawn = whole["result"]["drawn"]
    assert len(set(drawn)) == 5
    names = json.loads(key.read_text())["names"]
    lines = Path(whole["numbers"]).read_text(encoding="utf-8-sig").splitlines()
    assert lines == ["序号,号码,化名", *(f"{i},{names[p]},{p}" for i, p in enumerate(drawn, start=1))]
    assert stat.S_IMODE(Path(whole["numbers"]).stat().st_mode) == 0o600

    told = desk.json(
        "draw", "verify", public(desk), "--key", key, "--announced", second["announced"], codes=(0,)
    )
    assert (told["ok"], told["complete"], told["result"]["drawn"]) == (True, True, drawn)
    outside = subprocess.run(
        [sys.executable, "-I", str(SCRIPT), str(public(desk)), second["announced"]],
        capture_output=True, encoding="utf-8", check=True,
    )  # fmt: skip
    assert outside.stdout.splitlines() == ["fits:", *drawn]
    Path(whole["numbers"]).unlink()
    again = desk.json("draw", "reveal", public(desk), "--key", key, codes=(0,))
    assert Path(again["numbers"]).read_text(encoding="utf-8-sig").splitlines() == lines


def test_the_installed_command_draws_too(tmp_path: Path) -> None:
    desk = listed(Command("sqlite://:memory:", tmp_path))
    assert opened(desk)["parties"] == ["A"]
    done = desk.try_run("draw", "reveal", public(desk), "--secret", secret(desk, "A"))
    assert done.returncode == 2
    assert "未执行：至少 2 方作出承诺后才能公开种子，现有 1 方" in done.stderr
    told = desk.run("draw", "verify", public(desk), codes=(1,))
    assert "至此相符，尚未抽出结果" in told


def test_what_was_written_is_never_overwritten(desk: Command) -> None:
    opened(desk)
    kept = secret(desk, "A").read_bytes()
    words = (
        "--list",
        desk.folder / "list.csv",
        "--column",
        "客户号",
        "--count",
        5,
        "--draw-id",
        "2026Q1",
        "--party",
        "A",
    )
    assert "只能发起一次" in refused(desk, "commit", *words, "--out", desk.folder / "a")
    public(desk).rename(desk.folder / "moved.json")
    assert "不会被覆盖" in refused(desk, "commit", *words, "--out", desk.folder / "a")
    assert secret(desk, "A").read_bytes() == kept
    (desk.folder / "moved.json").rename(public(desk))
    before = public(desk).read_bytes()
    (desk.folder / "b").mkdir()
    secret(desk, "B").write_text("mine")
    assert "不会被覆盖" in refused(
        desk, "commit", "--join", public(desk), "--party", "B", "--out", desk.folder / "b"
    )
    assert public(desk).read_bytes() == before


def test_a_changed_list_is_never_revealed_to(desk: Command) -> None:
    """Whether somebody changed the file alone, or rewrote every digest in it after the party had committed."""
    opened(desk)
    joined(desk)
    honest = public(desk).read_text()
    record = json.loads(honest)
    gone = record["announcement"]["list"][0]
    public(desk).write_text(honest.replace(f'   "{gone}",\n', ""))
    assert "名单被改动" in refused(desk, "reveal", public(desk), "--secret", secret(desk, "B"))
    told = desk.json("draw", "verify", public(desk), codes=(1,))
    assert told["ok"] is False
    assert "名单被改动" in told["fault"]

    other = Desk(desk.url, desk.folder / "other")
    other.folder.mkdir()
    (other.folder / "list.csv").write_text("客户号\n" + "\n".join(NUMBERS[1:]), encoding="utf-8")
    opened(other)
    joined(other)
    forged = json.loads(public(other).read_text()) | {}
    forged["commitments"] = record["commitments"]
    rewritten(public(desk), forged)
    said = refused(desk, "reveal", public(desk), "--secret", secret(desk, "B"))
    assert "名单在承诺之后被改动" in said
    record["announcement"]["count"] = 6
    rewritten(public(desk), record)
    assert "在本方承诺之后被改动" in refused(desk, "reveal", public(desk), "--secret", secret(desk, "B"))
    public(desk).write_text(honest)
    desk.json("draw", "reveal", public(desk), "--secret", secret(desk, "B"), codes=(0,))


def rewritten(path: Path, record: Any) -> None:
    """Write the record with its announced digest made to fit, as a forger would."""
    from hashlib import sha256

    told = record["announcement"]
    fixed = [told[k] for k in ("draw_id", "purpose", "count", "list_digest", "key_digest")]
    fixed.append([[c["party"], c["commitment"]] for c in record["commitments"]])
    line = json.dumps(fixed, ensure_ascii=False, separators=(",", ":"))
    record["announced"] = sha256(line.encode()).hexdigest()
    path.write_text(json.dumps(record, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def test_the_first_party_cannot_change_its_mind_after_the_second_has_committed(desk: Command) -> None:
    opened(desk)
    joined(desk)
    record = json.loads(public(desk).read_text())
    record["commitments"][0]["commitment"] = "0" * 64
    rewritten(public(desk), record)
    assert "先前各方的承诺" in refused(desk, "reveal", public(desk), "--secret", secret(desk, "B"))
    told = desk.json("draw", "verify", public(desk), "--announced", "f" * 64, codes=(1,))
    assert told["fault"] == "公告摘要与事前张贴的不符"


def test_a_key_of_another_draw_gives_no_numbers(desk: Command) -> None:
    opened(desk)
    joined(desk)
    other = Desk(desk.url, desk.folder / "other")
    other.folder.mkdir()
    (other.folder / "list.csv").write_text("客户号\n" + "\n".join(NUMBERS), encoding="utf-8")
    key = opened(other)["key"]
    assert "密钥摘要不符" in refused(
        desk, "reveal", public(desk), "--secret", secret(desk, "A"), "--key", key
    )
    assert "密钥摘要不符" in desk.json("draw", "verify", public(desk), "--key", key, codes=(1,))["fault"]
    assert "还没有结果" in refused(desk, "reveal", public(desk), "--key", desk.folder / "a/2026Q1.key.json")
    assert "不是化名密钥文件" in refused(desk, "reveal", public(desk), "--key", secret(desk, "A"))
    assert "不是参与方的密件" in refused(desk, "reveal", public(desk), "--secret", public(desk))
    assert "不是 JSON" in refused(desk, "reveal", public(desk), "--secret", desk.folder / "list.csv")


def test_arguments_that_contradict_each_other_are_refused(desk: Command) -> None:
    out = ("--out", desk.folder / "a", "--party", "A")
    listed = ("--list", desk.folder / "list.csv")
    assert "之一" in refused(desk, "commit", *out)
    assert "请用 --column 指明：客户号、姓名" in refused(
        desk, "commit", *out, *listed, "--count", 1, "--draw-id", "d"
    )
    named = (*listed, "--column", "客户号")
    assert "抽取编号" in refused(desk, "commit", *out, *named, "--count", 1, "--draw-id", "../d")
    assert "名单共 30 个号码，不能抽 31 个" in refused(
        desk, "commit", *out, *named, "--count", 31, "--draw-id", "d"
    )
    assert "文件名" in refused(
        desk, "commit", "--out", desk.folder / "a", "--party", "a/b", *named, "--count", 1, "--draw-id", "d"
    )
    assert list(desk.folder.rglob("*.json")) == []
    opened(desk)
    assert "之一" in refused(desk, "commit", *out, *listed, "--join", public(desk))
    assert "以公示文件为准" in refused(desk, "commit", *out, "--join", public(desk), "--count", 3)
    assert "--secret" in refused(desk, "reveal", public(desk))
    (desk.folder / "x.json").write_text("{}")
    assert "公示文件须恰有这些项" in refused(
        desk, "reveal", desk.folder / "x.json", "--secret", secret(desk, "A")
    )
    told = desk.json("draw", "verify", desk.folder / "x.json", codes=(1,))
    assert told["ok"] is False
    assert set(told) == {"ok", "complete", "fault"}
