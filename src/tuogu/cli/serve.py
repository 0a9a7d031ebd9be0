"""`tuogu serve | pages | worker | tick`: the pages and the worker, together or apart.

In: a migrated database, an address. Out: a running server. Never: a start on a database without its guards, a page
served beyond this machine without TLS in front, a secret in the environment of somebody else's process list.
"""

from __future__ import annotations

import gc
import os
import secrets
import signal
import socket
import sys
import warnings
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer

from tuogu.cli.console import DONE, DONE_WITH_LEFTOVERS, err, print_facts, print_json, refuse, warn
from tuogu.cli.database import DbOption, database_file, open_database
from tuogu.cli.supervisor import Beside, end_with_parent
from tuogu.clock import now

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_SECRET_BYTES = 48
_FILE_MODE = 0o600
_BACKLOG = 1024
_CONNECTIONS = (
    2_000  # kept open by people who read; the server's own 100 leaves the others waiting without a word
)


def serve(
    db: DbOption,
    host: Annotated[str, typer.Option(help="监听地址 / address")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="端口，0 = 任一空闲端口 / port")] = 8000,
    workers: Annotated[int, typer.Option(min=0, max=16, help="作业进程数 / worker processes")] = 1,
    processes: Annotated[
        int, typer.Option(min=1, max=64, help="页面进程数，每个处理器核一个 / page processes, one a core")
    ] = 1,
    threads: Annotated[int, typer.Option(min=1, max=64, help="每个页面进程的线程数 / threads of each")] = 8,
) -> None:
    """启动页面与作业 / serve the pages and work through the jobs, until Ctrl-C."""
    _settle_secret(db, host)
    open_database(db)
    _require_readiness()
    listening = _listen(host, port)
    listening.listen(_BACKLOG)
    more_pages = ["pages", str(listening.fileno()), "--threads", str(threads)]
    with Beside([["worker"]] * workers + [more_pages] * (processes - 1), listening.fileno()):
        shown = f"http://{host if ':' not in host else f'[{host}]'}:{listening.getsockname()[1]}/"
        _serve_pages(
            listening,
            threads,
            f"托孤已启动：{shown}  （Ctrl-C 停止；页面进程 {processes} 个，作业进程 {workers} 个）",
        )
    err.print("已停止")


def pages(
    descriptor: Annotated[int, typer.Argument(help="继承的监听套接字 / the inherited listening socket")],
    db: DbOption,
    threads: Annotated[int, typer.Option(min=1, max=64)] = 8,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """(tuogu serve 的又一个页面进程 / one more process of pages, started by serve)"""
    open_database(db)
    if with_parent:
        end_with_parent()
    _serve_pages(socket.socket(fileno=descriptor), threads, "")


def _serve_pages(listening: socket.socket, threads: int, said: str) -> None:
    """Answer on the socket until told to leave."""
    from django.core.wsgi import get_wsgi_application

    # Assets are found where they lie; a collected copy is for a web server in front, which may not be there.
    warnings.filterwarnings("ignore", "No directory at", UserWarning)
    server = listening_server(get_wsgi_application(), listening, threads)
    _settle_memory()
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, _leave)
    if said:
        err.print(said, soft_wrap=True)
    server.run()  # ends by SystemExit, which waitress catches to finish what it has begun


def _settle_memory() -> None:
    """What is loaded by now lives as long as the process: the collector need not look through it at every turn."""
    from django.urls import get_resolver

    _ = get_resolver().url_patterns  # the pages' own modules, which the first request would load
    gc.collect()
    gc.freeze()


def listening_server(application: Any, listening: socket.socket, threads: int) -> Any:
    """The server on a bound socket. What a proxy says of the visitor (X-Forwarded-*) is passed on only where TUOGU_PROXY
    says that one of ours stands in front."""
    from django.conf import settings
    from waitress import create_server

    behind = settings.ALLAUTH_TRUSTED_PROXY_COUNT > 0
    return create_server(
        application,
        sockets=[listening],
        threads=threads,
        connection_limit=_CONNECTIONS,
        asyncore_use_poll=True,  # `select` takes no descriptor above 1,023
        ident=None,
        clear_untrusted_proxy_headers=not behind,
    )


def worker(
    db: DbOption,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
) -> None:
    """只启动作业进程 / work through the jobs, until Ctrl-C."""
    open_database(db)
    _require_database()
    if with_parent:
        end_with_parent()
    from tuogu import clock
    from tuogu.jobs.worker import work

    work(f"{socket.gethostname()[:32]}:{os.getpid()}", clock.now)


def tick(
    db: DbOption,
    as_of: Annotated[
        datetime | None, typer.Option("--as-of", formats=["%Y-%m-%dT%H:%M:%S%z"], help="时刻，默认现在")
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="输出 JSON / print JSON")] = False,
) -> None:
    """定时事项：封存、收回失联作业、清理过期上传、更新列表 / seal, re-queue, purge, roll the lists."""
    open_database(db)
    _require_database()
    from tuogu.jobs import ticking

    at = as_of or now()
    turns = (ticking.tick(at=at), ticking.roll(at=at))
    done = {name: count for turn in turns for name, count in turn.done.items()}
    failed = [name for turn in turns for name in turn.failed]
    if json:
        print_json({**done, "failed": failed})
    else:
        print_facts("定时事项", {_ROUNDS.get(name, name): count for name, count in done.items()})
        for name in failed:
            warn(f"“{_ROUNDS.get(name, name)}”没有做成，其余照常；原因见日志，稍后会再做")
    raise typer.Exit(DONE_WITH_LEFTOVERS if failed else DONE)


_ROUNDS = {
    "sealed": "封存记录", "requeued": "重新排队的作业", "purged": "清理的上传", "listed": "更新的列表行",
    "dropped": "清理的队列行", "exports": "到期的导出", "notices": "离职告知", "pushes": "外部推送", "webhooks": "外发通知",
    "codebook": "编码簿换版", "addresses": "学习的地址", "pools": "公共池提醒与收回", "sessions": "清理的会话",
    "accesslog": "到期的查看留痕", "periods": "到期的个人信息",
}  # fmt: skip


def _settle_secret(db: str, host: str) -> None:
    """Without TUOGU_SECRET_KEY: a secret file beside the keys, plain HTTP, and this machine only."""
    if os.environ.get("TUOGU_HTTP") == "1" and host not in _LOOPBACK:
        refuse(
            f"TUOGU_HTTP=1 只用于本机；{host} 须在 TLS 代理之后，并设置 TUOGU_SECRET_KEY、TUOGU_HOSTS、TUOGU_PROXY"
        )
    if os.environ.get("TUOGU_SECRET_KEY"):
        return
    if host not in _LOOPBACK:
        refuse(f"监听 {host} 须设置 TUOGU_SECRET_KEY；只有本机（127.0.0.1）可以不设")
    os.environ["TUOGU_SECRET_KEY"] = _secret(db)
    os.environ.setdefault("TUOGU_HTTP", "1")


def _secret(db: str) -> str:
    database = database_file(db)
    beside = database.parent if database else Path(os.environ.get("TUOGU_VAR", "var"))
    file = Path(os.environ.get("TUOGU_KEY_FILE", beside / "tuogu.keys")).with_name("tuogu.secret")
    if not file.exists():
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch(mode=_FILE_MODE, exist_ok=True)
        file.write_text(secrets.token_urlsafe(_SECRET_BYTES), "ascii")
        warn(f"已新建会话密钥文件 {file}；删除它会使所有人重新登录")
    return file.read_text("ascii").strip()


def _require_readiness() -> None:
    """The assets, the checks of the framework, and the database."""
    from django.core import checks

    from tuogu.web import assets

    absent = assets.missing()
    if absent:
        refuse(f"缺少页面资源（{absent[0]} 等 {len(absent)} 个）；请在项目目录运行 npm ci")
    _require_database()
    wrong = [problem for problem in checks.run_checks() if problem.is_serious()]
    if wrong:
        refuse("；".join(str(problem.msg) for problem in wrong[:3]))


def _require_database() -> None:
    """Migrated, guarded, with its keys."""
    from django.conf import settings
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor

    from tuogu.ledger import actions as ledger

    for alias in settings.DATABASES:
        executor = MigrationExecutor(connections[alias])
        if executor.migration_plan(executor.loader.graph.leaf_nodes()):
            refuse(f"数据库（{alias}）还没有升级到本版本；请先运行 tuogu migrate")
    ledger.require_guards()
    if not settings.TUOGU_KEY_FILE.exists():
        refuse(f"找不到密钥文件 {settings.TUOGU_KEY_FILE}；没有它，客户与人员信息无法显示")


def _listen(host: str, port: int) -> socket.socket:
    """The bound socket; refuses an address that is taken."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((host, port))
    except OSError as taken:
        refuse(f"无法监听 {host}:{port}（{taken.strerror}）；请换一个 --port")
    return listening


def _leave(*_: Any) -> None:
    sys.exit(0)


def migrate(db: DbOption) -> None:
    """建立或升级数据库 / create the database or bring it up to this version."""
    open_database(db, create=True)
    print_facts("数据库已就绪", {"数据库": str(database_file(db) or "PostgreSQL")})
