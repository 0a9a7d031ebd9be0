"""A sheet that comes with a form, as a file for the time of its reading. Never: its name used as a path."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.utils.translation import gettext as _

from tuogu.notices.actions import NoticeRefused
from tuogu.web.viewer import ViewerRequest

_BYTES_MAX = 20_000_000  # of one sheet
_ENDINGS = (".xlsx", ".xlsm", ".xls", ".csv", ".txt")


@contextmanager
def uploaded(request: ViewerRequest, field: str) -> Iterator[Path]:
    """The uploaded file; NoticeRefused when there is none or it is too large."""
    file = request.FILES.get(field)
    if file is None or not file.size:
        raise NoticeRefused(_("请选择文件；没有写入任何数据"))
    if file.size > _BYTES_MAX:
        raise NoticeRefused(_("文件太大，请分开上传；没有写入任何数据"))
    ending = Path(file.name or "").suffix.lower()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"sheet{ending if ending in _ENDINGS else '.csv'}"
        with path.open("wb") as copy:
            for chunk in file.chunks():
                copy.write(chunk)
        yield path
