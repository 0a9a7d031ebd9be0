"""The arithmetic of a draw, against figures worked out elsewhere, and what it refuses."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable

import polars as pl
import pytest

from tuogu.core.draw import (
    DrawError,
    checked_id,
    combined,
    commitment,
    drawn,
    list_digest,
    order,
    pseudonyms,
)

pytestmark = pytest.mark.req("N-05")
SEED = bytes(range(32))


def test_the_order_is_by_hmac_of_draw_id_and_number() -> None:
    numbers = [f"C{i}" for i in range(40)]
    lots = {n: hmac.new(SEED, b"2026Q1|" + n.encode(), hashlib.sha256).hexdigest() for n in numbers}
    assert order(numbers, seed=SEED, draw_id="2026Q1") == sorted(numbers, key=lambda n: lots[n])


def test_known_figures() -> None:
    """The order as `openssl dgst -sha256 -mac HMAC -macopt key:0123456789abcdef` gives it: 93d7…, ea66…, fdf2…"""
    assert order(["A1", "B2", "C3"], seed=b"0123456789abcdef", draw_id="d") == ["C3", "A1", "B2"]
    assert list_digest(["B2", "A1"]) == hashlib.sha256(b"A1\nB2\n").hexdigest()
    assert list_digest([]) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert (
        commitment(b"s" * 32, b"0123456789abcdef")
        == hashlib.sha256(b"s" * 32 + b"0123456789abcdef").hexdigest()
    )
    assert combined([b"ab", b"c"]) == hashlib.sha256(b"\0\0\0\2ab\0\0\0\1c").digest()


@pytest.mark.parametrize("length", [16, 63, 64, 65, 200])
def test_seeds_of_any_length_key_the_hmac_as_the_standard_says(length: int) -> None:
    seed, numbers = bytes(i % 251 for i in range(length)), ["甲", "乙", "丙", "丁", "戊", "己"]
    lots = {n: hmac.digest(seed, f"抽取|{n}".encode(), "sha256") for n in numbers}
    assert order(numbers, seed=seed, draw_id="抽取") == sorted(numbers, key=lambda n: lots[n])


def test_moving_the_bar_between_draw_id_and_number_is_not_possible() -> None:
    """'d' + '1|x' and 'd|1' + 'x' would be one message; the second is refused."""
    for wrong in ("", "a|b", "a\nb"):
        with pytest.raises(DrawError, match="抽取编号"):
            checked_id(wrong)
        with pytest.raises(DrawError, match="抽取编号"):
            order(["x"], seed=SEED, draw_id=wrong)
    assert checked_id("2026Q1-收回") == "2026Q1-收回"


@pytest.mark.parametrize(
    ("act", "said"),
    [
        (lambda: order(["a"], seed=bytes(15), draw_id="d"), "种子至少 16 字节，这里只有 15 字节"),
        (lambda: commitment(bytes(32), bytes(15)), "种子至少 16 字节，这里只有 15 字节"),
        (lambda: commitment(bytes(31), bytes(16)), "盐须为 32 字节，这里是 31 字节"),
        (lambda: commitment(bytes(33), bytes(16)), "盐须为 32 字节，这里是 33 字节"),
        (lambda: combined([]), "没有任何一方的种子"),
        (lambda: pseudonyms(["a"], key=bytes(15), draw_id="d"), "化名密钥至少 16 字节，这里只有 15 字节"),
        (lambda: order(["a", ""], seed=SEED, draw_id="d"), "名单里有空号码"),
        (lambda: order(pl.Series(["a", None]), seed=SEED, draw_id="d"), "名单里有空号码"),
        (lambda: order(["a", "a"], seed=SEED, draw_id="d"), "名单里有重复号码"),
        (lambda: list_digest(["a", "b\nc"]), "号码里不能有换行"),
        (lambda: list_digest(["a", "b", "a"]), "名单里有重复号码"),
        (lambda: drawn(["a", "b"], 3, seed=SEED, draw_id="d"), "名单共 2 个号码，不能抽 3 个"),
        (lambda: drawn(["a", "b"], -1, seed=SEED, draw_id="d"), "名单共 2 个号码，不能抽 -1 个"),
    ],
)
def test_what_cannot_be_drawn_is_refused_and_says_why(act: Callable[[], object], said: str) -> None:
    with pytest.raises(DrawError) as refused:
        act()
    assert str(refused.value) == said


def test_the_shortest_allowed_seeds_and_salts() -> None:
    assert order(["a"], seed=bytes(16), draw_id="d") == ["a"]
    assert len(commitment(bytes(32), bytes(16))) == 64
    assert len(pseudonyms(["a"], key=bytes(16), draw_id="d")) == 1


def test_drawing_all_none_and_from_an_empty_list() -> None:
    assert drawn(["a", "b"], 0, seed=SEED, draw_id="d") == []
    assert sorted(drawn(["a", "b"], 2, seed=SEED, draw_id="d")) == ["a", "b"]
    assert drawn([], 0, seed=SEED, draw_id="d") == []


def test_pseudonyms_are_of_one_draw_and_lead_back_with_the_table_only() -> None:
    names = pseudonyms(["P1", "P2"], key=SEED, draw_id="a")
    first = hmac.new(SEED, b"a|P1", hashlib.sha256).hexdigest()[:32]
    assert names[first] == "P1"
    assert list(names) == sorted(names)
    assert all(len(name) == 32 for name in names)
    assert names.keys().isdisjoint(pseudonyms(["P1", "P2"], key=SEED, draw_id="b"))
    assert names.keys().isdisjoint(pseudonyms(["P1", "P2"], key=SEED[::-1], draw_id="a"))


def test_two_numbers_of_one_pseudonym_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    """It does not happen with 128 bits; with one digit it does."""
    monkeypatch.setattr("tuogu.core.draw.PSEUDONYM_DIGITS", 1)
    with pytest.raises(DrawError, match=r"^两个号码得到同一化名，请换一把化名密钥$"):
        pseudonyms([f"P{i}" for i in range(17)], key=SEED, draw_id="d")


def test_a_party_cannot_shift_bytes_from_its_seed_to_the_next() -> None:
    assert combined([b"ab", b"c"]) != combined([b"a", b"bc"]) != combined([b"abc"])
    assert combined([b"ab", b"c"]) != combined([b"c", b"ab"])
