"""A file that attacks the program which reads it harms nobody but its own judgement."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.pades.conftest import NOW, Authority

from vanthu import pades
from vanthu.pades.confined import MEGABYTE, Budget, OverBudget, run_confined

SMALL = Budget(memory=64 * MEGABYTE, cpu=1, elapsed=0.4)


def call(judge: str, argument: object = None, **more: object) -> object:
    return run_confined(f"tests.pades.judges:{judge}", b"%PDF", argument, budget=SMALL, **more)  # type: ignore[arg-type]


def test_the_file_the_argument_and_questions_cross_the_border() -> None:
    asked: list[object] = []

    def answer(question: object) -> str:
        asked.append(question)
        return "đủ"

    assert call("length", "đối số", answer=answer) == [4, "đối số", "đủ"]
    assert asked == [["bao nhiêu", b"\x00\xff"]]


@pytest.mark.parametrize("harm", ["greedy", "endless", "asleep", "crash"])
def test_whoever_takes_too_much_is_ended_and_the_next_file_is_judged(harm: str) -> None:
    with pytest.raises(OverBudget):
        call(harm)
    assert call("length", answer=lambda _: 1) == [4, None, 1]


def test_whoever_asks_for_ever_is_left_alone() -> None:
    with pytest.raises(OverBudget):
        call("nosy", answer=lambda _: 1)


def test_the_reading_process_writes_no_file_and_knows_no_secret(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VANTHU_SECRET", "x")
    assert call("curious", str(tmp_path / "file")) == [False, False]


def test_a_fault_of_the_judge_is_not_blamed_on_the_file() -> None:
    with pytest.raises(RuntimeError, match="ZeroDivisionError: lỗi của bộ kiểm tra"):
        call("faulty")


def test_a_pdf_is_judged_as_in_the_same_process(sealed: bytes, authority: Authority, tmp_path: Path) -> None:
    trust = authority.trust()
    path = tmp_path / "van-ban.pdf"
    path.write_bytes(sealed)
    report = pades.validate(sealed, trust, at=NOW)
    confined = pades.validate_within(path, trust, at=NOW)
    assert (confined, confined.evidence) == (report, report.evidence)
    assert report.verdict is pades.Verdict.VALID


def test_a_file_that_is_too_much_is_neither_valid_nor_refused(sealed: bytes, authority: Authority) -> None:
    report = pades.validate_within(
        sealed, authority.offline(), at=NOW, judge="tests.pades.judges:endless", budget=SMALL
    )
    assert report.verdict is pades.Verdict.INDETERMINATE
    assert [reason.code for reason in report.reasons] == ["OVER_BUDGET"]
