"""Asking questions that may never be answered: a process that holds its memory lock stalls whoever reads its maps or command line."""

from __future__ import annotations

import queue
import threading
import time
from typing import TYPE_CHECKING, Any, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

Answer = TypeVar("Answer")


class Unanswered(Exception):
    """No answer within the time that was given; whoever was asked is left behind."""


class Asking:
    """Runs questions one after the other in a thread of its own, and gives up on one that takes too long.

    A thread that never comes back is left (it is a daemon: it ends with the process) and the next question gets a new one.
    """

    def __init__(self, seconds: float, each: float) -> None:
        self.deadline = time.monotonic() + seconds
        self.each = each
        self._questions: queue.SimpleQueue[Callable[[], Any] | None] | None = None
        self._answers: queue.SimpleQueue[tuple[bool, Any]] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    @property
    def left(self) -> float:
        """Seconds until the whole time is up."""
        return max(0.0, self.deadline - time.monotonic())

    def ask(self, question: Callable[[], Answer]) -> Answer:
        """The answer, or whatever the question raises; `Unanswered` after `each` seconds or at the end of the whole time."""
        limit = min(self.each, self.left)
        if limit <= 0:
            raise Unanswered("the time for looking is up")
        if self._questions is None:
            self._start()
        assert self._questions is not None
        self._questions.put(question)
        try:
            good, answer = self._answers.get(timeout=limit)
        except queue.Empty:
            self._questions.put(None)
            self._questions, self._thread = None, None
            raise Unanswered(f"no answer within {limit:.1f} s") from None
        if not good:
            raise answer
        found: Answer = answer
        return found

    def close(self) -> None:
        """End the thread; one that is stuck is left."""
        if self._questions is not None and self._thread is not None:
            self._questions.put(None)
            self._thread.join(timeout=self.each)
            self._questions, self._thread = None, None

    def _start(self) -> None:
        self._questions, self._answers = queue.SimpleQueue(), queue.SimpleQueue()
        self._thread = threading.Thread(target=_answer, args=(self._questions, self._answers), name="snapdoctor-probe", daemon=True)
        self._thread.start()


def _answer(questions: queue.SimpleQueue[Callable[[], Any] | None], answers: queue.SimpleQueue[tuple[bool, Any]]) -> None:
    while (question := questions.get()) is not None:
        try:
            answers.put((True, question()))
        except Exception as error:
            answers.put((False, error))
