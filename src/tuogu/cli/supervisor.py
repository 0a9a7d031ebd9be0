"""The processes beside the first one, for the pages and for the work: started, watched, started again, stopped with it.

In: commands of `tuogu`, the listening socket that they share. Out: processes with the environment of this one. Never: one
that outlives its parent (it reads a pipe that closes when the parent goes, however it goes).
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import TracebackType

from tuogu.cli.console import warn

STOP_SECONDS = 20  # for what a process has in hand; after that it is killed, and the job runs again later
RESTART_SECONDS = 2
_WATCH_SECONDS = 0.5


class Beside:
    """A context: inside it these commands run, each as `tuogu COMMAND… --with-parent`; `shared`: a descriptor that they
    inherit."""

    def __init__(self, commands: Sequence[Sequence[str]], shared: int | None = None) -> None:
        self._commands = list(commands)
        self._shared = () if shared is None else (shared,)
        self._running: list[subprocess.Popen[bytes]] = []
        self._ended = threading.Event()

    def __enter__(self) -> Beside:
        self._running = [self._start(command) for command in self._commands]
        self._watch = threading.Thread(target=self._keep, daemon=True)
        self._watch.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended.set()
        self._watch.join()
        for process in self._running:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self._running:
            try:
                process.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            if process.stdin:
                process.stdin.close()

    def _keep(self) -> None:
        """Start anew what has died. A job that was in hand is put back by the next tick."""
        while not self._ended.wait(_WATCH_SECONDS):
            for i, process in enumerate(self._running):
                if process.poll() is not None:
                    warn(f"{self._commands[i][0]} 进程意外结束（{process.returncode}），重新启动")
                    if self._ended.wait(RESTART_SECONDS):
                        return
                    self._running[i] = self._start(self._commands[i])

    def _start(self, command: Sequence[str]) -> subprocess.Popen[bytes]:
        """One process in a group of its own, so that Ctrl-C reaches it through us, once."""
        return subprocess.Popen(
            [sys.executable, "-m", "tuogu.cli", *command, "--with-parent"],
            stdin=subprocess.PIPE, start_new_session=True, env=os.environ, pass_fds=self._shared,
        )  # fmt: skip


def end_with_parent() -> None:
    """In such a process: end as told by SIGTERM when the pipe from the parent closes."""

    def wait() -> None:
        # Without the buffer: its lock must not be held by a daemon thread when the interpreter ends.
        while os.read(sys.stdin.fileno(), 1):
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, daemon=True).start()
