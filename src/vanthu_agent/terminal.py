"""The agent's window where there is no screen: questions in the terminal. The PIN is not shown while typed."""

from __future__ import annotations

import os
import select
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager

from vanthu_agent.agent import Agent
from vanthu_agent.questions import Question
from vanthu_agent.words import grouped, spaced

MOST_SHOWN = 20


def run(agent: Agent, *, pairing: bool) -> None:
    """Show the pairing code when wanted, then ask whatever comes, until interrupted."""
    if pairing:
        _say(f"Mã ghép nối: {spaced(agent.code.show())} (nhập trên trang “Khóa ký của tôi”, trong 10 phút)")
    while True:
        question = agent.questions.next_question(seconds=0.2)
        if question is not None:
            question.answer(_asked(question))
        while (line := agent.questions.next_line()) is not None:
            _say(line)


def _asked(question: Question) -> str | None:
    _say("")
    if question.kind == "pair":
        _say(f"Trang {question.origin} ({question.site}) của {question.person} muốn ghép nối với máy này.")
        return "yes" if _typed("Đồng ý? Gõ “c” rồi Enter: ", question) == "c" else None
    what = "ký {} tệp" if question.kind == "sign" else "mở {} tệp mã hóa"
    _say(f"Trang {question.origin} đề nghị {question.person} {what.format(len(question.items))}")
    _say(f"bằng chứng thư số: {question.certificate}")
    for item in question.items[:MOST_SHOWN]:
        _say(f"  • {item.number} {item.title}".rstrip())
        if question.kind == "sign":
            _say(f"    SHA-256 {grouped(item.document_digest)}")
    if len(question.items) > MOST_SHOWN:
        _say(f"  … và {len(question.items) - MOST_SHOWN} tệp nữa")
    return _typed("Mã PIN (để trống: từ chối): ", question, hidden=True) or None


def _typed(prompt: str, question: Question, *, hidden: bool = False) -> str:
    """A line typed before the question is over; empty otherwise."""
    descriptor = sys.stdin.fileno()
    with _echo_off(descriptor) if hidden else _as_it_is():
        sys.stdout.write(prompt)
        sys.stdout.flush()
        typed = b""
        while not typed.endswith(b"\n") and not question.over:
            ready, _, _ = select.select([descriptor], [], [], min(0.5, max(0.0, question.seconds_left)))
            part = os.read(descriptor, 1024) if ready else b""
            if ready and not part:
                break
            typed += part
    _say("")
    return typed.decode(errors="replace").strip("\r\n") if typed.endswith(b"\n") else ""


@contextmanager
def _echo_off(descriptor: int) -> Iterator[None]:
    if not os.isatty(descriptor):
        yield
        return
    before = termios.tcgetattr(descriptor)
    silent = termios.tcgetattr(descriptor)
    silent[3] &= ~termios.ECHO
    termios.tcsetattr(descriptor, termios.TCSAFLUSH, silent)
    try:
        yield
    finally:
        termios.tcsetattr(descriptor, termios.TCSAFLUSH, before)


@contextmanager
def _as_it_is() -> Iterator[None]:
    yield


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
