"""Run a command against a PostgreSQL server of its own: `python tests/run_on_postgres.py pytest -m database`.

In: a command. Out: its exit code; TUOGU_DATABASE_URL points at a new, empty cluster while it runs. Never: a
server that others use, a port on the network (unix socket only), data that outlives the run (so fsync is
off, and no query is compiled: each runs once).
"""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote

UNPRIVILEGED = "postgres"  # PostgreSQL refuses to run as root; Debian's package brings this user
START_SECONDS = 60


def newest_binaries() -> Path:
    """Directory of the newest installed server; SystemExit with a plain sentence where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if found:
        return found[-1].parent
    on_path = shutil.which("postgres")
    if on_path:
        return Path(on_path).parent
    raise SystemExit("PostgreSQL is not installed: no postgres below /usr/lib/postgresql or on the path")


@contextmanager
def cluster(*, durable: bool = False) -> Iterator[str]:
    """Start a cluster in a temporary directory; yields its URL; stops and removes it. `durable`: with fsync, as a house
    runs it, for what measures."""
    binaries = newest_binaries()
    user = UNPRIVILEGED if os.geteuid() == 0 else None
    home = Path(tempfile.mkdtemp(prefix="tuogu-pg-", dir="/tmp"))  # a socket path must be short
    if user:
        account = pwd.getpwnam(user)
        os.chown(home, account.pw_uid, account.pw_gid)
    data, log = home / "data", home / "log"

    def run(*command: str) -> None:
        subprocess.run(
            command,
            check=True,
            user=user,
            cwd=home,
            stdout=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C.UTF-8"},
        )

    sync = "on" if durable else "off"
    options = f"-c listen_addresses='' -c unix_socket_directories='{home}' -c fsync={sync} -c max_connections=100 -c jit=off"
    try:
        initdb, pg_ctl = str(binaries / "initdb"), str(binaries / "pg_ctl")
        run(initdb, "-D", str(data), "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-sync")
        run(pg_ctl, "-D", str(data), "-l", str(log), "-o", options, "-w", "-t", str(START_SECONDS), "start")
        try:
            yield f"postgresql://postgres@{quote(str(home), safe='')}/postgres"
        finally:
            run(pg_ctl, "-D", str(data), "-m", "immediate", "-w", "stop")
    finally:
        shutil.rmtree(home, ignore_errors=True)


def main(command: list[str]) -> int:
    """Exit code of the command."""
    if not command:
        raise SystemExit(__doc__)
    with cluster() as url:
        return subprocess.run(command, env={**os.environ, "TUOGU_DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
