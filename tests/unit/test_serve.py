"""`tuogu serve` as a process: it starts web and worker, answers, and stops both; what it refuses to start on."""

from __future__ import annotations

import os
import re
import signal
import stat
import subprocess
import sys
import threading
import time
import urllib.request
from http.client import HTTPConnection
from pathlib import Path

import pytest
import typer

import databases
from tuogu.cli import serve as serve_command
from tuogu.jobs import queries
from tuogu.vault import create_key_file
from tuogu.web import assets

committed_database = databases.committed_database
WAIT_SECONDS = 40


def environment(database: databases.Database, **more: str) -> dict[str, str]:
    kept = {
        k: v
        for k, v in database.environment.items()
        if k not in ("TUOGU_SECRET_KEY", "TUOGU_HTTP", "TUOGU_DEMO")
    }
    return kept | more


def serve(database: databases.Database, *words: str, **more: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "tuogu.cli", "serve", "--port", "0", *words], env=environment(database, **more),
        stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, cwd=database.directory,
    )  # fmt: skip


def refusal(database: databases.Database, *words: str, **more: str) -> str:
    process = serve(database, *words, **more)
    _, said = process.communicate(timeout=WAIT_SECONDS)
    assert process.returncode == 2, said
    return said


def worker_ids(parent: int) -> list[int]:
    """Processes whose parent is `parent`."""
    found = []
    for status in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = status.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(fields[1]) == parent and fields[0] != "Z":
            found.append(int(status.parent.name))
    return found


@pytest.mark.skipif(bool(assets.missing()), reason="assets are missing: run `npm ci`")
def test_web_and_worker_start_together_and_stop_together(committed_database):
    create_key_file(committed_database.directory / "keys")
    process = serve(committed_database)
    try:
        said = ""
        while "http://" not in said:
            line = process.stderr.readline()
            assert line, f"ended before it listened: {said}"
            said += line
        address = re.search(r"http://127\.0\.0\.1:\d+/", said).group()
        with urllib.request.urlopen(f"{address}sign-in/") as answer:
            assert answer.status == 200
            assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        secret = committed_database.directory / "tuogu.secret"
        assert stat.S_IMODE(secret.stat().st_mode) == 0o600
        assert len(secret.read_text()) >= 50
        workers = worker_ids(process.pid)
        assert len(workers) == 1
        deadline = time.monotonic() + WAIT_SECONDS
        while queries.worker_seen_at() is None:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        os.kill(workers[0], signal.SIGKILL)
        while worker_ids(process.pid) in ([], workers):
            assert time.monotonic() < deadline, "no new worker"
            time.sleep(0.1)
        workers = worker_ids(process.pid)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0
        process.stderr.close()
    assert not any(Path(f"/proc/{pid}").exists() for pid in workers)


@pytest.mark.skipif(bool(assets.missing()), reason="assets are missing: run `npm ci`")
def test_several_processes_answer_on_one_address_and_leave_together(committed_database):
    create_key_file(committed_database.directory / "keys")
    process = serve(committed_database, "--workers", "0", "--processes", "2")
    try:
        said = ""
        while "http://" not in said:
            line = process.stderr.readline()
            assert line, f"ended before it listened: {said}"
            said += line
        address = re.search(r"http://127\.0\.0\.1:\d+/", said).group()
        (beside,) = worker_ids(process.pid)
        os.kill(process.pid, signal.SIGSTOP)  # the first one sleeps: only the other can answer
        try:
            with urllib.request.urlopen(f"{address}healthz", timeout=WAIT_SECONDS) as answer:
                assert answer.status == 200
        finally:
            os.kill(process.pid, signal.SIGCONT)
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(WAIT_SECONDS) == 0
        process.stderr.close()
    assert not Path(f"/proc/{beside}").exists()


@pytest.mark.parametrize(("proxies", "passed_on"), [("0", False), ("1", True)])
def test_what_a_proxy_says_of_the_visitor_is_passed_on_only_where_one_stands_in_front(
    monkeypatch, settings, proxies, passed_on
):
    """waitress takes X-Forwarded-* off by itself; without them every page behind TLS would be redirected for ever."""
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = int(proxies)
    server = serve_command.listening_server(echo_forwarded, serve_command._listen("127.0.0.1", 0), 1)
    threading.Thread(target=server.run, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.effective_port}/"
        asked = urllib.request.Request(address, headers={"X-Forwarded-Proto": "https"})
        with urllib.request.urlopen(asked, timeout=WAIT_SECONDS) as answer:
            assert answer.read().decode() == ("https" if passed_on else "-")
    finally:
        server.task_dispatcher.shutdown()
        server.close()


def test_hundreds_may_stay_connected_at_once():
    """People read for half a minute with their line open; the server's own limit of 100 let the next ones wait for ever."""
    server = serve_command.listening_server(echo_forwarded, serve_command._listen("127.0.0.1", 0), 4)
    threading.Thread(target=server.run, daemon=True).start()
    lines = [HTTPConnection("127.0.0.1", server.effective_port, timeout=WAIT_SECONDS) for _ in range(250)]
    try:
        for line in lines:
            line.request("GET", "/")
            assert line.getresponse().read() == b"-"
    finally:
        for line in lines:
            line.close()
        server.task_dispatcher.shutdown()
        server.close()


def echo_forwarded(environ, start_response):
    """What the pages would be told."""
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [environ.get("HTTP_X_FORWARDED_PROTO", "-").encode()]


@pytest.mark.parametrize(
    ("host", "said", "more"),
    [
        ("0.0.0.0", "TUOGU_SECRET_KEY", {}),
        ("0.0.0.0", "TLS", {"TUOGU_HTTP": "1", "TUOGU_SECRET_KEY": "x" * 50}),
        ("::", "TUOGU_SECRET_KEY", {}),
    ],
)
def test_beyond_this_machine_it_wants_a_secret_and_tls_in_front(
    tmp_path, monkeypatch, capsys, host, said, more
):
    for name in ("TUOGU_SECRET_KEY", "TUOGU_HTTP"):
        monkeypatch.delenv(name, raising=False)
    for name, value in more.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(typer.Exit) as refused:
        serve_command._settle_secret(f"sqlite:///{tmp_path / 'x.sqlite3'}", host)
    assert refused.value.exit_code == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_it_refuses_a_database_of_another_version_and_one_without_its_keys(committed_database, tmp_path):
    (tmp_path / "empty.sqlite3").touch()
    assert "tuogu migrate" in refusal(databases.Database(f"sqlite:///{tmp_path / 'empty.sqlite3'}", tmp_path))
    assert "密钥文件" in refusal(committed_database)


def test_it_refuses_a_ledger_without_its_guards(committed_database):
    from django.db import connection

    create_key_file(committed_database.directory / "keys")
    on = " ON ledger_entry" if connection.vendor == "postgresql" else ""
    name = "ledger_entry_append_only" if connection.vendor == "postgresql" else "ledger_entry_no_update"
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {name}{on}")
    assert name in refusal(committed_database)
