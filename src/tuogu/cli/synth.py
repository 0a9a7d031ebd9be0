"""`tuogu synth`: a synthetic city as files. In: a city, a size, a seed. Out: a folder. Never: overwritten."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from tuogu import synth as room
from tuogu.cli.console import err, print_facts, print_json, refuse, steps
from tuogu.data.codebook import load


def synth(
    out: Annotated[Path, typer.Option("--out", help="写到哪个文件夹 / folder to write to")],
    city: Annotated[str, typer.Option("--city", help="城市区划代码 / city code")] = "330200",
    customers: Annotated[int, typer.Option("--customers", help="客户数 / number of customers")] = 26_000,
    seed: Annotated[int, typer.Option("--seed", help="随机种子 / seed")] = 7,
    data_date: Annotated[str, typer.Option("--data-date", help="数据日期 / day of the data")] = str(
        room.DATA_DATE
    ),
    clean: Annotated[bool, typer.Option("--clean", help="不加脏数据 / no dirt in the workbook")] = False,
    parquet: Annotated[
        bool, typer.Option("--parquet", help="写 Parquet 而不是 Excel / Parquet files")
    ] = False,
    known_optimum: Annotated[
        bool, typer.Option("--known-optimum", help="让最优规划已知 / plant an optimal plan")
    ] = False,
    motor: Annotated[
        int, typer.Option("--motor", min=0, help="另写这么多车险保单 / also a motor book of this size")
    ] = 0,
    force: Annotated[bool, typer.Option("--force", help="覆盖已有文件 / overwrite")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="结果写成 JSON / print JSON")] = False,
) -> None:
    """生成一座合成城市的数据文件和标准答案 / make a synthetic city with its truth."""
    if (out / "truth").exists() and not force:
        refuse(f"{out} 里已有合成数据；加 --force 覆盖")
    try:
        day = date.fromisoformat(data_date)
    except ValueError:
        refuse(f"数据日期“{data_date}”不是 2026-10-31 这样的日期")
    with steps(quiet=as_json) as progress:
        try:
            with progress.step("生成城市") as inside:
                codebook = load([city])
                made = room.make_city(
                    city,
                    customers,
                    seed,
                    codebook,
                    data_date=day,
                    known_optimum=known_optimum,
                    progress=inside,
                )
            with progress.step("写文件") as inside:
                if parquet:
                    room.write_parquet(made, out, progress=inside)
                else:
                    room.write_workbook(made, out, dirty=not clean, progress=inside)
                if motor:
                    room.write_motor(made, motor, out, dirty=not clean, parquet=parquet)
        except ValueError as problem:
            refuse(str(problem))
    _report(room.campaign(made), out, as_json)


def _report(found: dict[str, object], out: Path, as_json: bool) -> None:
    if as_json:
        print_json({"out": str(out), **found})
        return
    facts = {"客户": found["customers"], "主险保单": found["main_policies"], "附加险": found["riders"]}
    facts |= {"活动筛选": found["screened"], "规划保单": found["planned_policies"]}
    facts |= {"收展客户经理": found["collection_managers"], "社区": found["communities"]}
    facts["文件夹"] = str(out)
    print_facts(f"{found['city_name']}（合成数据）", facts)
    err.print("坐标为合成坐标；人名、证件、电话、单位均为虚构。")
