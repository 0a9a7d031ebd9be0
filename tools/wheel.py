"""Build the wheel: the package with the third-party assets that its pages use, so that serving needs no Node.

In: this clone with `node_modules`. Out: `dist/tuogu-….whl`. Never: a file of this clone changed (assets are laid into a
copy), an asset that no page names, the packages' licences left behind.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tuogu.web import assets

ROOT = Path(__file__).parent.parent
WEB = ROOT / "src/tuogu/web"
NAME = re.compile(r"""["']([a-z0-9]+(?:-[a-z0-9]+)*)["']""")
BESIDE = ("pyproject.toml", "README.md", "requirements.in", "requirements.lock")


def build(into: Path) -> Path:
    """Build the wheel into a folder; returns its file. SystemExit where assets are missing."""
    if missing := assets.missing():
        raise SystemExit(f"assets are missing ({missing[0]}): run `npm ci` first")
    with tempfile.TemporaryDirectory(prefix="tuogu-wheel-") as folder:
        copy = Path(folder)
        for name in BESIDE:
            shutil.copy(ROOT / name, copy)
        shutil.copytree(
            ROOT / "src", copy / "src", ignore=shutil.ignore_patterns("__pycache__", "*.egg-info", "vendor")
        )
        carry(assets.IN_A_CLONE, copy / "src/tuogu/web/vendor")
        words = [
            "-m",
            "pip",
            "--disable-pip-version-check",
            "wheel",
            "--quiet",
            "--no-deps",
            "--no-build-isolation",
        ]
        subprocess.run([sys.executable, *words, "--wheel-dir", str(into), str(copy)], check=True)
    return max(into.glob("tuogu-*.whl"), key=lambda file: file.stat().st_mtime)


def carry(packages: Path, to: Path) -> None:
    """Copy the assets, the icons that pages name and the licences of their packages, under the same paths."""
    wanted = {*assets.ASSETS.values(), *(f"{assets.ICONS}/{name}.svg" for name in named_icons(packages))}
    wanted |= {str(file.relative_to(packages)) for path in wanted for file in _licences(packages, path)}
    for path in sorted(wanted):
        target = to / path
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(packages / path, target)


def named_icons(packages: Path) -> set[str]:
    """Icons whose name stands in quotes somewhere in a template or a module of the pages: a few too many, none too few."""
    sources = [*WEB.rglob("*.html"), *WEB.rglob("*.py")]
    names = {name for file in sources for name in NAME.findall(file.read_text(encoding="utf-8"))}
    return {name for name in names if (packages / assets.ICONS / f"{name}.svg").is_file()}


def _licences(packages: Path, path: str) -> list[Path]:
    parts = Path(path).parts
    package = packages.joinpath(*parts[: 2 if parts[0].startswith("@") else 1])
    return [file for file in package.glob("LICENSE*") if file.is_file()]


if __name__ == "__main__":
    print(build(ROOT / "dist"))
