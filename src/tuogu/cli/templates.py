"""`tuogu template PATH`: the empty workbook that a branch fills in.

In: a path. Out: a file. Never: an existing file overwritten unasked.
"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tuogu import files
from tuogu.cli.console import out, refuse


def template(
    path: Annotated[Path, typer.Argument(help="模板写到哪里 / where to write the template (.xlsx)")],
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite")] = False,
) -> None:
    """写出导入模板 / write the import template."""
    if path.suffix.lower() != ".xlsx":
        refuse("模板是 Excel 工作簿，文件名请以 .xlsx 结尾")
    if path.exists() and not force:
        refuse(f"{path} 已存在；加 --force 覆盖")
    out.print(f"模板已写到 {files.write_template(path)}")
