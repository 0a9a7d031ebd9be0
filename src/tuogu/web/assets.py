"""The third-party assets that pages use, one by one: nothing else of `node_modules` is served.

In: the lock file's packages, from `node_modules` of a clone or `web/vendor` of a wheel. Out: files under
`static/vendor/…`, and the text of icons. Never: a directory walked (packages hold thousands of files), a request outside
this machine.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.contrib.staticfiles.finders import BaseFinder
from django.core.files.storage import FileSystemStorage, Storage

_HERE = Path(__file__).parent
CARRIED = _HERE / "vendor"
IN_A_CLONE = _HERE.parents[2] / "node_modules"
ASSETS = {  # name below static/ → file in node_modules
    "vendor/tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "vendor/htmx.min.js": "htmx.org/dist/htmx.min.js",
    "vendor/echarts.min.js": "echarts/dist/echarts.min.js",
    "vendor/leaflet.js": "leaflet/dist/leaflet.js",
    "vendor/leaflet.css": "leaflet/dist/leaflet.css",
    "vendor/images/layers.png": "leaflet/dist/images/layers.png",
    "vendor/images/layers-2x.png": "leaflet/dist/images/layers-2x.png",
    "vendor/images/marker-icon.png": "leaflet/dist/images/marker-icon.png",
}
ICONS = "@tabler/icons/icons/outline"


def root() -> Path:
    """Where the packages lie: in the wheel, or in the clone's node_modules."""
    return CARRIED if CARRIED.is_dir() else IN_A_CLONE


def missing() -> list[str]:
    """Assets that are not there; `tuogu serve` refuses to start and says so."""
    wanted = [*ASSETS.values(), f"{ICONS}/home.svg"]
    return [path for path in wanted if not (root() / path).is_file()]


@cache
def icon_body(name: str) -> str:
    """What stands inside the <svg> of an icon; KeyError for a name that the package does not have."""
    file = root() / ICONS / f"{name}.svg"
    if not file.is_file():
        raise KeyError(f"no icon {name!r} in {file.parent}")
    text = file.read_text(encoding="utf-8")
    return text[text.index("<svg") :].split(">", 1)[1].rsplit("</svg>", 1)[0].strip()


class AssetFinder(BaseFinder):
    """Finds ASSETS for staticfiles and WhiteNoise."""

    def find(self, path: str, find_all: bool = False, **kwargs: Any) -> Any:
        source = ASSETS.get(path.replace("\\", "/"))
        found = str(root() / source) if source and (root() / source).is_file() else None
        if find_all:
            return [found] if found else []
        return found

    def list(self, ignore_patterns: Iterable[str] | None) -> Iterator[tuple[str, Storage]]:
        for name, source in ASSETS.items():
            yield name, _Renamed(str(root()), name, source)


class _Renamed(FileSystemStorage):
    """A storage that knows one file of the packages by the name under which it is served."""

    def __init__(self, location: str, name: str, source: str) -> None:
        super().__init__(location=location)
        self._names = {name: source}
        self.prefix = ""

    def path(self, name: str) -> str:
        return super().path(self._names.get(name, name))
