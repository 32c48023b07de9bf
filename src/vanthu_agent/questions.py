"""Questions to the person at this computer: asked by the door's threads, answered in the program's own window.

One at a time; whoever comes meanwhile is told that the agent is busy. A question that nobody answers in time
answers itself with nothing, and so does one whose page was closed: nobody types a PIN for a page that is gone.
"""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from vanthu_agent.asked import Item, Refused

ANSWER_SECONDS = 120.0
LOOK_SECONDS = 0.2
"""How often it is looked whether the page is still there."""


@dataclass
class Question:
    """May this site be paired, or may these be signed or opened (then the answer is the PIN)?"""

    kind: str
    origin: str
    person: str
    site: str = ""
    certificate: str = ""
    items: tuple[Item, ...] = ()
    deadline: float = 0.0
    _answered: threading.Event = field(default_factory=threading.Event)
    _answer: str | None = None

    @property
    def seconds_left(self) -> float:
        """Until it answers itself."""
        return self.deadline - time.monotonic()

    @property
    def over(self) -> bool:
        """Answered, or too late."""
        return self._answered.is_set() or self.seconds_left <= 0

    def answer(self, given: str | None) -> None:
        """``None``: no."""
        self._answer = given
        self._answered.set()


class Questions:
    """The line between the door and the window."""

    def __init__(self, seconds: float = ANSWER_SECONDS) -> None:
        self._seconds = seconds
        self._turn = threading.Lock()
        self._waiting: queue.Queue[Question] = queue.Queue()
        self._said: queue.Queue[str] = queue.Queue()

    def ask(self, question: Question, is_gone: Callable[[], bool]) -> str:
        """The answer; ``is_gone`` tells whether the page that asks was closed.

        Raises Refused: AGENT_BUSY, USER_REFUSED, TIMED_OUT, PAGE_GONE.
        """
        if not self._turn.acquire(blocking=False):
            raise Refused("AGENT_BUSY")
        try:
            question.deadline = time.monotonic() + self._seconds
            self._waiting.put(question)
            while not question._answered.wait(min(LOOK_SECONDS, max(0.0, question.seconds_left))):
                if question.seconds_left <= 0:
                    raise Refused("TIMED_OUT")
                if is_gone():
                    question.answer(None)
                    raise Refused("PAGE_GONE")
            if question._answer is None:
                raise Refused("USER_REFUSED")
            return question._answer
        finally:
            self._turn.release()

    def tell(self, text: str) -> None:
        """One line for the person."""
        self._said.put(text)

    def next_question(self, seconds: float = 0.0) -> Question | None:
        """For the window: what is to be asked now."""
        try:
            found = self._waiting.get(timeout=seconds) if seconds else self._waiting.get_nowait()
        except queue.Empty:
            return None
        return None if found.over else found

    def next_line(self) -> str | None:
        """For the window: what is to be told now."""
        try:
            return self._said.get_nowait()
        except queue.Empty:
            return None
