"""Resident ID numbers against the worked example of GB 11643 (11010519491231002X) and its neighbours."""

from __future__ import annotations

from datetime import date

import polars as pl
import pytest

from tuogu.core.identity import resident_id


def read(number: str) -> dict[str, object]:
    read = resident_id(pl.col("n"))
    frame = pl.DataFrame({"n": [number]}).select(
        number=read.number,
        shape=read.shape_ok,
        check=read.check_ok,
        birth=read.birth_date,
        sex=read.sex,
        upgraded=read.upgraded,
    )
    return frame.row(0, named=True)


def test_the_example_of_the_standard() -> None:
    assert read("11010519491231002X") == {
        "number": "11010519491231002X",
        "shape": True,
        "check": True,
        "birth": date(1949, 12, 31),
        "sex": "F",
        "upgraded": False,
    }


def test_fifteen_digits_become_eighteen() -> None:
    old = read("110105491231002")
    assert old["number"] == "11010519491231002X"
    assert (old["shape"], old["check"], old["upgraded"]) == (True, True, True)


def test_the_second_example_of_the_standard() -> None:
    man = read("440524188001010014")
    assert (man["check"], man["sex"], man["birth"]) == (True, "M", date(1880, 1, 1))


@pytest.mark.parametrize("digit", list("0123456789"))
def test_every_other_check_digit_is_wrong(digit: str) -> None:
    assert read("11010519491231002" + digit)["check"] is False


@pytest.mark.parametrize("position", range(17))
def test_one_wrong_digit_is_always_noticed(position: int) -> None:
    good = "440524188001010014"
    assert read(good)["check"] is True
    changed = good[:position] + str((int(good[position]) + 3) % 10) + good[position + 1 :]
    wrong = read(changed)
    assert not (wrong["shape"] and wrong["check"])


@pytest.mark.parametrize(
    "number", ["", "1", "11010519491231002", "99010519491231002X", "1101051949123100XX", "abc"]
)
def test_other_shapes(number: str) -> None:
    assert read(number)["shape"] is False


def test_a_birth_date_that_does_not_exist() -> None:
    assert read("110105194902300021")["birth"] is None
