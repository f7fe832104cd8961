"""`serve` in a process of its own, as an operator starts it; for soaks and tests."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any, Self

START_TIMEOUT_S = 60.0
_STOP_TIMEOUT_S = 20.0


class ServiceProcess:
    """A service on a free port of loopback, what it prints and logs in files of `folder`."""

    def __init__(self, folder: Path, **environment: str) -> None:
        self.printed = folder / "stdout"
        self.logged = folder / "stderr"
        self._environment = os.environ | {"DATA_DIR": str(folder), "SPEECH_PORT": "0"} | environment
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        command = [sys.executable, "-W", "ignore", "-m", "openvoice_service", "serve"]
        with self.printed.open("wb") as out, self.logged.open("wb") as err:
            self._process = subprocess.Popen(
                command, env=self._environment, stdout=out, stderr=err, stdin=subprocess.DEVNULL
            )
        try:
            self._wait(self._process)
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._process is not None:
            self._process.terminate()
            self._process.wait(_STOP_TIMEOUT_S)

    @property
    def url(self) -> str:
        """Return where it answers; empty until it does."""
        said = (line["message"] for line in self.lines() if "http://" in line["message"])
        return next((f"http://{message.split('http://')[1].split()[0]}" for message in said), "")

    def lines(self) -> list[dict[str, Any]]:
        """Return its log, a line each."""
        whole = self.logged.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines() if line]

    def _wait(self, process: subprocess.Popen[bytes]) -> None:
        deadline_s = time.monotonic() + START_TIMEOUT_S
        while not self.url:
            if process.poll() is not None or time.monotonic() > deadline_s:
                raise RuntimeError(f"the service did not start:\n{self.logged.read_text()[-2000:]}")
            time.sleep(0.02)
