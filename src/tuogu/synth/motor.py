"""A motor book of a city: policies of two years, renewals, fleets, sellers who have left, peaks in long holidays, bad rows.

In: a `City`, how many policies. Out: MOTOR rows, what an import must make of each, and the file of a branch. Never: a
frame number of a real car (frames carry a serial of ours), two cars with one frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import polars as pl

from tuogu.core.intake_titles import SHEET_TITLES, TITLES
from tuogu.core.motor.tables import MOTOR
from tuogu.core.motor.words import CHANNELS
from tuogu.core.tables import conform
from tuogu.data.festivals import festival_days
from tuogu.files.books_folder import chinese_text
from tuogu.files.safe_excel import open_workbook, text_format, write_text
from tuogu.synth.city import City
from tuogu.synth.motor_truth import truth

_YEAR = timedelta(days=365)
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"  # of plates: neither I nor O
_CHARACTERS = "0123456789ABCDEFGHJKLMNPRSTUVWXYZ"  # of frame numbers
_PROVINCES = dict(
    zip(
        (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62,
         63, 64, 65),
        "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川贵云藏陕甘青宁新", strict=True,
    )
)  # fmt: skip
_FESTIVALS = ("spring_festival", "labour_day", "national_day")
_IN_HOLIDAY, _LEFT, _UNKNOWN, _STRANGE = 0.12, 0.12, 0.06, 0.02  # shares
_FLEET, _FLEET_CARS, _IMPORTANT, _RENEWS, _NAMED, _SAME_SELLER, _BAD = 0.03, 12, 0.04, 0.72, 0.6, 0.8, 0.01
_SPOILS = (
    "bad_plate",
    "bad_frame",
    "date_order",
    "missing_value",
    "unknown_institution",
    "unknown_holder",
    "bad_money",
)


@dataclass(frozen=True)
class MotorBook:
    """`rows`: MOTOR as a perfect import accepts them; `truth`: TRUTH; `bad`: cells of further rows, and why each comes
    back."""

    rows: pl.DataFrame
    truth: pl.DataFrame
    bad: tuple[tuple[dict[str, str | None], str], ...]


def motor_book(city: City, size: int) -> MotorBook:
    """`size` policies of the city; the same arguments give the same book."""
    if size < 1:
        raise ValueError("车险保单数至少为 1")
    rng = Random(f"tuogu motor {city.city_code} {city.sizes.customers} {city.seed} {size}")
    draw = _Draw(city, rng)
    rows: list[dict[str, Any]] = []
    while len(rows) < size:
        rows += draw.car()
    frame = conform(pl.DataFrame(rows[:size], schema=MOTOR, orient="row"), MOTOR)
    bad = tuple(_spoilt(draw, rng, i) for i in range(round(size * _BAD)))
    return MotorBook(
        frame.sort("policy_number"),
        truth(frame, {number for number, _code in draw.present}, draw.known, city.data_date),
        bad,
    )


def write_motor(city: City, size: int, out: Path, *, dirty: bool, parquet: bool) -> Path:
    """Write DIR/motor.xlsx (or 车险.parquet) and the truth beside the city's; returns the book's path."""
    book = motor_book(city, size)
    text = chinese_text("motor", book.rows)
    (out / "truth").mkdir(parents=True, exist_ok=True)
    book.truth.write_parquet(out / "truth" / "known_motor.parquet")
    book.rows.write_parquet(out / "truth" / "motor.parquet")
    if parquet:
        path = out / f"{SHEET_TITLES['motor']}.parquet"
        text.write_parquet(path)
        return path
    bad = [
        ({TITLES["motor"][k]: v for k, v in cells.items()}, why) for cells, why in (book.bad if dirty else ())
    ]
    lines: list[tuple[dict[str, Any], str, str | None]]
    lines = [(cells, "accepted", None) for cells in text.iter_rows(named=True)]
    lines += [(cells, "rejected", why) for cells, why in bad]
    Random(f"{city.seed} motor rows").shuffle(lines)
    _write(out / "motor.xlsx", text.columns, [cells for cells, *_ in lines])
    pl.DataFrame(
        [(SHEET_TITLES["motor"], i, expected, why) for i, (_, expected, why) in enumerate(lines, 2)],
        schema={"sheet": pl.String, "row": pl.Int64, "expected": pl.String, "reason": pl.String}, orient="row",
    ).write_parquet(out / "truth" / "rows_motor.parquet")  # fmt: skip
    return out / "motor.xlsx"


class _Draw:
    """Cars one after another, each with the policies it has had in two years."""

    def __init__(self, city: City, rng: Random) -> None:
        self._rng, self.day = rng, city.data_date
        people = city.people.filter(
            pl.col("institution_code").is_not_null() & pl.col("series").is_in(["collection", "marketing"])
        )
        gone = pl.col("left_date").is_not_null() & (pl.col("left_date") <= city.data_date)
        self.present = people.filter(~gone).select("staff_number", "institution_code").rows()
        self._left = people.filter(gone).select("staff_number", "institution_code").rows() or self.present[:1]
        self.known = set(city.people["staff_number"])
        self._entrants = [number for number, _code in self.present[:9]]
        self._customers = city.books.customers["customer_number"].to_list()
        self._prefix = (
            _PROVINCES[int(city.city_code[:2])]
            + _LETTERS[max(0, int(city.city_code[2:4]) - 1) % len(_LETTERS)]
        )
        self._holidays = _holidays(city.data_date)
        self._serial, self._fleet_left, self._fleet, self._fleet_holder = 0, 0, "", ""

    def car(self) -> list[dict[str, Any]]:
        """The policies of the next car, oldest first."""
        first = self.policy()
        if first["expiry_date"] > self.day + timedelta(days=30) or self._rng.random() > _RENEWS:
            return [first]
        start = first["expiry_date"] + timedelta(days=1)
        if self._rng.random() < _NAMED / 2:
            start += timedelta(days=self._rng.randrange(20))  # lapsed for some days, then won back
        seller = (
            {}
            if self._rng.random() < _SAME_SELLER
            else dict(zip(("agent_number", "institution_code"), self._seller(), strict=True))
        )
        named = first["policy_number"] if self._rng.random() < _NAMED else None
        again = first | seller | {
            "policy_number": self._number(start, 2), "start_date": start, "expiry_date": start + _YEAR - timedelta(days=1),
            "premium_fen": first["premium_fen"] * 95 // 100, "previous_number": named,
        }  # fmt: skip
        return [first, again]

    def policy(self) -> dict[str, Any]:
        """One policy of a new car."""
        rng, self._serial = self._rng, self._serial + 1
        agent, institution = self._seller()
        expiry = self._expiry()
        start = expiry - _YEAR + timedelta(days=1)
        return {
            "policy_number": self._number(start, 1), "plate_number": self._plate() if rng.random() < 0.97 else None,
            "frame_number": "LTG0000XX" + _base(self._serial, _CHARACTERS, 8), "holder_number": self._holder(),
            "premium_fen": rng.randrange(180_000, 950_000, 100), "start_date": start, "expiry_date": expiry,
            "agent_number": agent, "entrant_number": rng.choice(self._entrants), "institution_code": institution,
            "channel": rng.choice(CHANNELS), "fleet_number": self._fleet or None,
            "important": rng.random() < _IMPORTANT, "previous_number": None,
        }  # fmt: skip

    def _seller(self) -> tuple[str | None, str]:
        rng, chance = self._rng, self._rng.random()
        number, code = rng.choice(self._left if chance < _LEFT else self.present)
        if chance > 1 - _STRANGE:
            return f"X{rng.randrange(10**6):06d}", code
        return (None if chance > 1 - _STRANGE - _UNKNOWN else number), code

    def _expiry(self) -> date:
        if self._holidays and self._rng.random() < _IN_HOLIDAY:
            return self._rng.choice(self._holidays)
        return self.day + timedelta(days=self._rng.randint(-_YEAR.days, _YEAR.days))

    def _holder(self) -> str:
        """A customer; the cars of a fleet have one holder."""
        if self._fleet_left:
            self._fleet_left -= 1
            holder = self._fleet_holder
            self._fleet = self._fleet if self._fleet_left else ""
            return holder
        if self._rng.random() < _FLEET / _FLEET_CARS:
            self._fleet, self._fleet_left = f"F{self._serial:06d}", _FLEET_CARS
            self._fleet_holder = self._rng.choice(self._customers)
        return str(self._rng.choice(self._customers))

    def _plate(self) -> str:
        return self._prefix + _base(self._serial, _LETTERS, 1) + f"{self._serial % 10_000:04d}"

    def _number(self, start: date, turn: int) -> str:
        """`turn`: which policy of the car; two may begin in one year when that has 366 days."""
        return f"PDAA{start.year}{self._serial:011d}{turn}"


def _spoilt(draw: _Draw, rng: Random, serial: int) -> tuple[dict[str, str | None], str]:
    """A further row that must come back; most were typed in by one person."""
    why = rng.choice(_SPOILS)
    row = draw.policy() | {"policy_number": f"BAD{serial:08d}", "entrant_number": draw.present[0][0]}
    text = chinese_text("motor", conform(pl.DataFrame([row], schema=MOTOR, orient="row"), MOTOR)).row(0)
    cells: dict[str, str | None] = dict(zip(MOTOR, text, strict=True))
    wrong: dict[str, tuple[str, str | None]] = {
        "bad_plate": ("plate_number", "12345"), "bad_frame": ("frame_number", "LSV123"),
        "date_order": ("expiry_date", "2001-01-01"), "missing_value": ("holder_number", None),
        "unknown_institution": ("institution_code", "ZZZ999"), "unknown_holder": ("holder_number", "NOBODY9"),
        "bad_money": ("premium_fen", "面议"),
    }  # fmt: skip
    column, value = wrong[why]
    return cells | {column: value}, why


def _holidays(day: date) -> list[date]:
    found = []
    for year in range(day.year - 1, day.year + 2):
        for festival in _FESTIVALS:
            days = festival_days(year, festival)
            if days and abs((days[0] - day).days) < _YEAR.days:
                found += [days[0] + timedelta(days=n) for n in range((days[1] - days[0]).days + 1)]
    return found


def _base(number: int, letters: str, width: int) -> str:
    out = ""
    for _ in range(width):
        number, rest = divmod(number, len(letters))
        out = letters[rest] + out
    return out


def _write(path: Path, titles: list[str], rows: list[dict[str, Any]]) -> None:
    with open_workbook(path, constant_memory=True) as workbook:
        page, body = workbook.add_worksheet(SHEET_TITLES["motor"]), text_format(workbook)
        page.set_column(0, len(titles) - 1, 16, body)
        for column, title in enumerate(titles):
            write_text(page, 0, column, title, text_format(workbook, bold=True))
        for at, cells in enumerate(rows, 1):
            for column, title in enumerate(titles):
                if cells.get(title) is not None:
                    write_text(page, at, column, cells[title], body)
        page.freeze_panes(1, 1)
