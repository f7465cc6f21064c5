"""The process that talks to the driver; run as `python -m snapdoctor.rehearsal.cuda_worker`.

Orders come as lines of JSON on standard input, answers go out the same way. When the input ends, whoever sent the orders is done, or was killed:
everything that is still suspended is brought back before this process ends. It has a session of its own and ignores what a terminal sends.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from typing import Any

from snapdoctor.rehearsal.cuda import Driver, NoDriver, resume, suspend


def main() -> None:
    """Serve orders until they end."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    held: set[int] = set()
    try:
        driver = Driver()
    except NoDriver as error:
        _say({"failed": str(error)})
        return
    _say({"ready": True})
    try:
        for line in sys.stdin:
            order = json.loads(line)
            held |= set(order["pids"])
            _say(_answer(driver, order))
            if order["do"] == "resume":
                held -= set(order["pids"])
    finally:
        driver.undo(sorted(held))


def _answer(driver: Driver, order: dict[str, Any]) -> dict[str, Any]:
    pids = order["pids"]
    if order["do"] == "holders":
        return {"pids": driver.holders(pids)}
    return {"steps": [list(step) for step in (suspend if order["do"] == "suspend" else resume)(driver, pids)]}


def _say(answer: dict[str, Any]) -> None:
    try:
        print(json.dumps(answer), flush=True)
    except OSError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)


if __name__ == "__main__":
    main()
