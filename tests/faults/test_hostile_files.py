"""Every hostile file is refused with a clear Chinese sentence, quickly, without harm to the reader."""

from __future__ import annotations

import re
import resource
import time
from pathlib import Path

import pytest

from hostile import CASES, raw_xlsx
from tuogu.files import FileRefused, Limits, read_workbook

_SECONDS_MAX = 30.0  # of one file, on a busy machine
_GROWTH_MAX_KIB = 300 * 1024  # of the reading process, over one file
_CHINESE = re.compile(r"[\u4e00-\u9fff]{4}")


@pytest.mark.parametrize("name", sorted(CASES))
def test_hostile_file_is_refused(name: str, tmp_path: Path) -> None:
    case = CASES[name]
    path = case.build(tmp_path)
    memory_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    started = time.monotonic()
    with pytest.raises(FileRefused) as refused:
        read_workbook(path)
    assert time.monotonic() - started < _SECONDS_MAX
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory_kib < _GROWTH_MAX_KIB
    assert refused.value.reason_code == case.code
    message = refused.value.message
    assert _CHINESE.search(message)
    assert "Traceback" not in message
    assert len(message) < 400


def test_there_are_at_least_sixty() -> None:
    assert len(CASES) >= 60


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        (Limits(wall_seconds=0), "too_slow"),
        (Limits(memory_bytes=64 << 20), "out_of_memory"),
        (Limits(output_bytes=500), "output_too_large"),
        (Limits(parts_max=3), "too_many_parts"),
        (Limits(unpacked_bytes=1000), "unpacked_too_large"),
        (Limits(rows_max=1), "too_many_rows"),
        (Limits(columns_max=2), "too_many_columns"),
        (Limits(cell_chars_max=10), "cell_too_long"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_limit_holds(limits: Limits, code: str, tmp_path: Path) -> None:
    path = raw_xlsx.plain(tmp_path)
    assert read_workbook(path).sheets["customers"].frame.height == 1
    with pytest.raises(FileRefused) as refused:
        read_workbook(path, limits=limits)
    assert refused.value.reason_code == code


def test_a_bomb_goes_off_without_its_guard(tmp_path: Path) -> None:
    """The ratio check is what stops the bomb: with a lax limit the same file is read."""
    path = CASES["xlsx_bomb_in_the_sheet"].build(tmp_path)
    assert read_workbook(path, limits=Limits(ratio_max=10_000)).sheets["customers"].frame.height > 1


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The hand-over folder holds personal data: it is gone after success and after refusal."""
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    read_workbook(raw_xlsx.plain(tmp_path))
    with pytest.raises(FileRefused):
        read_workbook(raw_xlsx.plain(tmp_path), limits=Limits(wall_seconds=0))
    assert list(temporary.iterdir()) == []
