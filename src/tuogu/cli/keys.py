"""`tuogu keys status | rotate | retire`: the keys that seal personal data (L-05).

In: a database with its key file; who signs (system administration). Out: a fresh key, every value sealed anew under it, a
fresh hash key with every look-up hash raised to it, an old key taken out. Never: a key out of the ring that still holds a
value, or by the person who brought its successor.

Back the key file up before and after: whoever loses it loses every name and phone. Killed in between: run `rotate --resume`.
"""

from __future__ import annotations

from typing import Annotated, Any

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, print_json, print_table, say, steps, warn
from tuogu.cli.database import DbOption, TokenOption, open_database, signer
from tuogu.clock import now
from tuogu.org.rights import Right

keys = typer.Typer(no_args_is_help=True, help="加密密钥：状态、更换、停用 / keys that seal personal data")
app = keys
JsonOption = Annotated[bool, typer.Option("--json", help="输出 JSON / JSON on standard output")]
_WORDS = {"files": "导出的文件"}


@keys.command()
def status(db: DbOption, json: JsonOption = False) -> None:
    """每把密钥下还有多少个值 / how many values each key holds."""
    open_database(db)
    from tuogu.privacy import queries

    standing, hashes = queries.key_standing(), queries.hash_standing()
    newest = max(standing)
    if json:
        print_json(
            {
                "current": newest,
                "keys": standing,
                "hashes": hashes,
                "history": [vars(one) for one in queries.key_history()],
            }
        )
    else:
        rows = [
            (f"{key}{'（正在使用）' if key == newest else ''}", _WORDS.get(where, where), count)
            for key, held in standing.items()
            for where, count in (sorted(held.items()) or [("（没有值）", 0)])
        ]
        print_table("密钥", ("密钥", "位置", "值"), rows)
        print_table("检索密钥", ("第几把", "检索值"), list(hashes.items()))
    whole = len([held for held in standing.values() if held]) <= 1 and len(hashes) <= 1
    raise typer.Exit(DONE if whole else DONE_WITH_LEFTOVERS)


@keys.command()
def rotate(
    db: DbOption,
    token: TokenOption = "",
    resume: Annotated[
        bool, typer.Option("--resume", help="不启用新密钥，只把没做完的做完 / finish what was begun")
    ] = False,
    json: JsonOption = False,
) -> None:
    """启用新的加密密钥和检索密钥，密文和检索值全部改用新的；中断后加 --resume 接着做 / fresh keys."""
    open_database(db)
    from tuogu.privacy import actions, queries

    by = signer(token, Right.KEEP_SYSTEM)
    fresh = None if resume else actions.add_key(by=by, at=now())
    generation = None if resume else actions.add_hash_key(by=by, at=now())
    with steps(quiet=json) as progress, progress.step("重新加密") as inside:
        done = {"values": 0}

        def told(where: str, count: int) -> None:
            done["values"] += count
            inside(f"{where} {done['values']:,}", 0.0)

        total = actions.reseal(by=by, at=now(), told=told)
        hashes = actions.rehash(by=by, at=now(), told=told)
    old = [key for key in queries.key_standing() if key != max(queries.key_standing())]
    outcome: dict[str, Any] = {
        "added": fresh,
        "resealed": total,
        "hash_generation": generation,
        "rehashed": hashes,
        "may_retire": old,
    }
    if json:
        print_json(outcome)
        return
    say(f"已重新加密 {total:,} 个值" + (f"，新密钥 {fresh} 正在使用" if fresh else ""))
    say(f"已重算 {hashes:,} 个检索值" + (f"，第 {generation} 把检索密钥正在使用" if generation else ""))
    if old:
        warn(f"请先备份密钥文件；旧密钥 {'、'.join(map(str, old))} 由另一人用 tuogu keys retire 停用")


@keys.command()
def retire(
    key: Annotated[int, typer.Argument(help="要停用的密钥编号 / key to take out")],
    db: DbOption,
    token: TokenOption = "",
) -> None:
    """停用一把已不再加密任何值的旧密钥；不能由启用新密钥的人执行 / take an unused key out of the ring."""
    open_database(db)
    from tuogu.privacy import actions

    actions.retire_key(key, by=signer(token, Right.KEEP_SYSTEM), at=now())
    say(f"密钥 {key} 已停用并移出密钥文件；用它加密的旧备份此后不能解密")
