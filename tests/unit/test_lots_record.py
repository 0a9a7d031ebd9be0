"""The public record of a draw: how it grows, what it refuses, and that no byte of it can be changed unseen."""

from __future__ import annotations

import importlib.util
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import lots_record as example
from tuogu.core.draw import DrawError, commitment
from tuogu.core.lots import acts
from tuogu.core.lots.check import first_fault, key_fault
from tuogu.core.lots.record import PublicDraw, Result, Reveal, announced_digest, as_text, from_bytes

pytestmark = pytest.mark.req("N-05")
SCRIPT = Path(__file__).parents[2] / "docs/verify_draw.py"


def outsider() -> ModuleType:
    """The stand-alone script as a module, so that thousands of records can be checked in one process."""
    spec = importlib.util.spec_from_file_location("verify_draw", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def fits(content: bytes) -> bool:
    """What core says of a file: a complete record in which all fits."""
    try:
        public = from_bytes(content)
    except DrawError:
        return False
    return first_fault(public) is None and public.result is not None


def test_a_record_reads_back_as_it_was_written() -> None:
    for public in (
        example.announced()[0],
        example.committed(),
        example.revealed(("audit",)),
        example.revealed(),
    ):
        assert from_bytes(as_text(public).encode()) == public
        assert first_fault(public) is None


def test_no_real_number_and_no_seed_is_public_before_its_time() -> None:
    text = as_text(example.committed())
    assert not any(number in text for number in example.NUMBERS)
    assert not any(example.seed(p).hex() in text or example.salt(p).hex() in text for p in example.PARTIES)
    half = as_text(example.revealed(("audit",)))
    assert example.seed("audit").hex() in half
    assert example.seed("dept-1").hex() not in half
    assert '"result": null' in half


def test_who_reveals_first_makes_no_difference() -> None:
    assert example.revealed(("audit", "dept-1")) == example.revealed(("dept-1", "audit"))


def test_a_changed_byte_anywhere_is_found_by_us_and_by_the_outsider(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Each byte with its lowest bit, its case and its digit changed, left out, or doubled."""
    content, path, script = as_text(example.revealed()).encode(), tmp_path / "public.json", outsider()

    def outsider_fits(changed: bytes) -> bool:
        path.write_bytes(changed)
        with pytest.raises(SystemExit) as left:
            script.main(path)
        return left.value.code is None

    assert fits(content)
    assert outsider_fits(content)
    for at, byte in enumerate(content):
        for other in (
            bytes([byte ^ 1]),
            bytes([byte ^ 32]),
            bytes([(byte + 1) % 256]),
            b"",
            bytes([byte, byte]),
        ):
            changed = content[:at] + other + content[at + 1 :]
            if changed != content:
                assert not fits(changed), (at, changed[max(at - 20, 0) : at + 20])
                assert not outsider_fits(changed), (at, changed[max(at - 20, 0) : at + 20])


def test_a_swapped_line_or_a_further_key_is_found() -> None:
    text = as_text(example.revealed())
    lines = text.splitlines(keepends=True)
    listed = next(i for i, line in enumerate(lines) if '"list": [' in line)
    lines[listed + 1], lines[listed + 2] = lines[listed + 2], lines[listed + 1]
    assert not fits("".join(lines).encode())
    for wrong, said in (
        (text.replace('"format"', '"also": 1,\n "format"'), "公示文件须恰有这些项"),
        (text.replace('"count": 3', '"count": true'), "count应为整数"),
        (text.replace('"count": 3', '"count": 3.0'), "count应为整数"),
        (text.replace('"purpose": "季度收回抽取"', '"purpose": 1'), "purpose应为文字"),
        (text.replace("tuogu-draw-1", "tuogu-draw-2"), "公示文件的格式（format）应为 tuogu-draw-1"),
        (text.replace("季度", "\\u5b63度"), "写法被改动过"),
        (text.replace("\n", "\r\n"), "写法被改动过"),
        (text.replace('"count": 3,', '"count": 4,\n  "count": 3,'), "写法被改动过"),
        ("[" * 100_000, "不是 UTF-8 的 JSON"),
        ("{}", "公示文件须恰有这些项"),
        ("[]", "公示文件须恰有这些项"),
        (text.replace('"commitments": [', '"commitments": [1, '), "commitments须恰有这些项"),
    ):
        with pytest.raises(DrawError, match=said):
            from_bytes(wrong.encode())
    with pytest.raises(DrawError, match="不是 UTF-8 的 JSON"):
        from_bytes(b"\xff")


def spoilt(**changed: Any) -> PublicDraw:
    return replace(example.revealed(), **changed)


def bound(public: PublicDraw) -> PublicDraw:
    """With the announced digest made to fit, as somebody who rewrites the whole file would."""
    return replace(public, announced=announced_digest(public))


ANOTHER = Reveal("audit", "00" * 32, example.seed("audit").hex())


@pytest.mark.parametrize(
    ("public", "said"),
    [
        (lambda: spoilt(listed=("x", *example.revealed().listed)), "“x”不是化名"),
        (lambda: spoilt(listed=example.revealed().listed[::-1]), "没有按顺序排列"),
        (lambda: spoilt(listed=example.revealed().listed[:1] + example.revealed().listed), "或有重复的化名"),
        (lambda: spoilt(listed=example.revealed().listed[1:]), "名单被改动"),
        (lambda: spoilt(count=0), "抽取数 0"),
        (lambda: spoilt(count=9), "抽取数 9"),
        (lambda: spoilt(count=4), "公告摘要"),
        (lambda: bound(spoilt(count=4)), "抽取结果不符：个数不同"),
        (lambda: spoilt(purpose="别的"), "公告摘要"),
        (lambda: spoilt(draw_id="x"), "公告摘要"),
        (lambda: bound(spoilt(draw_id="x")), r"抽取结果不符：第 \d 个不同"),
        (lambda: bound(spoilt(draw_id="a|b")), "抽取编号"),
        (lambda: spoilt(key_digest="0" * 64), "公告摘要"),
        (lambda: bound(spoilt(commitments=example.revealed().commitments[:1] * 2)), "作出了两次承诺"),
        (lambda: spoilt(reveals=example.revealed().reveals[::-1]), "各方不符"),
        (lambda: spoilt(reveals=(example.revealed().reveals[0], replace(ANOTHER, party="x"))), "各方不符"),
        (lambda: spoilt(reveals=(example.revealed().reveals[0], ANOTHER)), "audit 公开的种子与其承诺不符"),
        (
            lambda: spoilt(reveals=(example.revealed().reveals[0], replace(ANOTHER, salt="AB" * 32))),
            "小写十六进制",
        ),
        (
            lambda: spoilt(reveals=(example.revealed().reveals[0], replace(ANOTHER, salt="ab" * 31))),
            "长度不符",
        ),
        (
            lambda: spoilt(reveals=(example.revealed().reveals[0], replace(ANOTHER, seed="ab" * 15))),
            "长度不符",
        ),
        (lambda: spoilt(result=None), "却没有结果"),
        (lambda: spoilt(reveals=()), "却已有结果"),
        (lambda: bound(spoilt(commitments=(), reveals=())), "只有一方"),
        (
            lambda: bound(
                spoilt(commitments=example.revealed().commitments[:1], reveals=example.revealed().reveals[:1])
            ),
            "只有一方",
        ),
        (lambda: spoilt(result=Result("0" * 64, example.revealed().result.drawn)), "合成种子"),
        (lambda: spoilt(result=replace(example.revealed().result, drawn=("0" * 32,) * 3)), "第 1 个不同"),
    ],
)
def test_what_does_not_fit_is_named(public: Callable[[], PublicDraw], said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        raise AssertionError(first_fault(public()))


def commit_again(public: PublicDraw, party: str, made: str | None = None) -> PublicDraw:
    return acts.commit(public, party, made or commitment(example.salt(party), example.seed(party)))


def reveal_own(public: PublicDraw, party: str, secret_of: str | None = None) -> PublicDraw:
    owner = secret_of or party
    return acts.reveal(public, party, salt=example.salt(owner), seed=example.seed(owner))


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: commit_again(example.committed(), "audit"), "audit 已作出承诺，不能更换"),
        (lambda: commit_again(example.revealed(("audit",)), "late"), "已有一方公开种子，不能再加入承诺"),
        (
            lambda: commit_again(example.committed(), "x", dict(example.committed().commitments)["audit"]),
            "不能照抄",
        ),
        (lambda: commit_again(example.committed(), "x", "A" * 64), "64 位小写十六进制"),
        (lambda: commit_again(example.committed(), ""), "参与方的名称"),
        (lambda: commit_again(example.committed(), "x" * 65), "参与方的名称"),
        (lambda: commit_again(example.committed(), "x\ny"), "参与方的名称"),
        (lambda: commit_again(replace(example.committed(), purpose="别的"), "x"), "公告摘要"),
        (
            lambda: reveal_own(example.committed(("dept-1",)), "dept-1"),
            "至少 2 方作出承诺后才能公开种子，现有 1 方",
        ),
        (lambda: reveal_own(example.committed(), "x"), "x 没有作出承诺"),
        (lambda: reveal_own(example.revealed(("audit",)), "audit"), "audit 已公开种子"),
        (lambda: reveal_own(example.committed(), "audit", "dept-1"), "audit 的盐和种子与其承诺不符"),
        (lambda: reveal_own(replace(example.committed(), count=2), "audit"), "公告摘要"),
        (lambda: acts.real_numbers(example.revealed(("audit",)), {}), "尚未公开种子：dept-1；还没有结果"),
        (lambda: acts.real_numbers(example.revealed(), {}), "这不是本次抽取的对照"),
    ],
)
def test_acts_out_of_turn_are_refused(act: Callable[[], object], said: str) -> None:
    with pytest.raises(DrawError, match=said):
        act()


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"count": 0}, "不能抽 0 个"), ({"count": 9}, "不能抽 9 个"), ({"draw_id": "../x"}, "抽取编号"),
        ({"draw_id": ""}, "抽取编号"), ({"draw_id": "x" * 65}, "抽取编号"), ({"purpose": "a\nb"}, "用途"),
        ({"key": bytes(15)}, "化名密钥"),
    ],
)  # fmt: skip
def test_a_draw_that_could_be_read_in_two_ways_is_not_announced(changed: dict[str, Any], said: str) -> None:
    given = {"count": 3, "draw_id": "d", "purpose": "", "key": example.KEY} | changed
    with pytest.raises(DrawError, match=said):
        acts.announce(example.NUMBERS, **given)


def test_a_draw_of_all_and_of_one() -> None:
    for count in (1, 8):
        public, _ = acts.announce(example.NUMBERS, count=count, draw_id="x" * 64, purpose="", key=example.KEY)
        assert first_fault(public) is None


def test_the_shortest_seeds_make_a_sound_record() -> None:
    public, secrets = example.announced()[0], {"a": (b"s" * 32, b"a" * 16), "b": (b"s" * 32, b"b" * 16)}
    for party, (salt, seed) in secrets.items():
        public = acts.commit(public, party, commitment(salt, seed))
    for party, (salt, seed) in secrets.items():
        public = acts.reveal(public, party, salt=salt, seed=seed)
    assert first_fault(public) is None
    assert fits(as_text(public).encode())


def test_the_clerk_s_table_is_bound_by_its_key() -> None:
    public, names = example.announced()
    assert key_fault(public, example.KEY, names) is None
    assert "密钥摘要不符" in str(key_fault(public, bytes(32), names))
    first, second, *_ = names
    swapped = names | {first: names[second], second: names[first]}
    assert "算出的不符" in str(key_fault(public, example.KEY, swapped))
    fewer = {name: number for name, number in names.items() if name != first}
    assert "公示名单不符" in str(key_fault(public, example.KEY, fewer))
