"""The wheel carries everything that its pages show: installed elsewhere, without Node, it serves them styled."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import urllib.request
import zipfile
from pathlib import Path

import pytest

from tools import serving, wheel
from tuogu.web import assets

pytestmark = [pytest.mark.exhaustive, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if assets.missing() and not os.environ.get("CI"):
        pytest.skip("!!! assets are missing: run `npm ci` !!!")
    return wheel.build(tmp_path_factory.mktemp("dist"))


@pytest.fixture(scope="module")
def python(built: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An environment that holds the wheel and, from the one that runs this test, the packages that it depends on."""
    folder = tmp_path_factory.mktemp("elsewhere")
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    site = folder / "lib" / f"python{sysconfig.get_python_version()}" / "site-packages"
    zipfile.ZipFile(built).extractall(site)
    (site / "others.pth").write_text(
        sysconfig.get_path("purelib") + "\n", encoding="utf-8"
    )  # its own .pth files do not count
    return folder / "bin/python"


def test_the_wheel_holds_every_asset_and_no_surplus(built: Path):
    names = set(zipfile.ZipFile(built).namelist())
    assert {f"tuogu/web/vendor/{path}" for path in assets.ASSETS.values()} <= names
    assert "tuogu/web/locale/en/LC_MESSAGES/django.mo" in names
    assert not [name for name in names if name.endswith((".po", ".pyc", ".map")) or "/tests/" in name]
    assert 50 < sum("tuogu/web/vendor/" in name for name in names) < 400


def test_the_installed_wheel_serves_a_styled_page(python: Path, tmp_path: Path):
    environment = serving.environment(tmp_path)
    where = [python, "-c", "import tuogu, sys; sys.stdout.write(tuogu.__file__)"]
    shown = subprocess.run(
        where, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True
    ).stdout
    assert Path(shown).is_relative_to(python.parent.parent)
    serving.tuogu(tmp_path, "demo", "--out", tmp_path / "demo", "--customers", 4_000, python=python)
    with serving.served(tmp_path / "demo", python=python) as site:
        page = _fetched(f"{site.url}/sign-in/")
        assert '<svg class="ti"' in page or "tg-door" in page
        assert len(_fetched(f"{site.url}/static/vendor/tabler.min.css")) > 300_000
        assert "--tg-accent" in _fetched(f"{site.url}/static/tuogu/tokens.css")


def _fetched(url: str) -> str:
    with urllib.request.urlopen(url, timeout=20) as answer:
        return answer.read().decode()
