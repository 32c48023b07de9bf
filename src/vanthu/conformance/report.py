"""What a conformance trial found: a verdict per item with its evidence, as table, JSON and JUnit XML.

Owns verdicts and how they are told. Refuses secrets: neither the member's secret nor a signature made with it gets
into a report.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

from vanthu.conformance.items import Item
from vanthu.vxp.headers import PREFIX, SIGN_HASH, SIGN_TEXT

MOST_EVIDENCE = 6
"""Calls that are kept per item: the last ones decide."""

_CONTROL = dict.fromkeys((*range(32), 127), " ")


class Verdict(StrEnum):
    """What was found about an item."""

    RIGHT = "right"
    WRONG = "wrong"
    OPEN = "not exercised"


LABELS = {Verdict.RIGHT: "ĐÚNG", Verdict.WRONG: "SAI", Verdict.OPEN: "CHƯA THỬ"}


@dataclass(frozen=True)
class Evidence:
    """One call as it was made and answered; ``at`` ISO 8601 with offset, ``milliseconds`` until the answer."""

    at: str
    call: str
    arguments: dict[str, str] = field(default_factory=dict)
    body_sha256: str = ""
    body_size: int = 0
    http_status: int = 0
    answer: str = ""
    milliseconds: int = 0


@dataclass(frozen=True)
class Finding:
    """One item's verdict; ``seen`` is a Vietnamese sentence."""

    item: Item
    verdict: Verdict
    seen: str
    evidence: tuple[Evidence, ...] = ()


def told_arguments(headers: Mapping[str, str]) -> dict[str, str]:
    """The argument headers of a call without what was made with the secret."""
    hidden = {SIGN_HASH.lower(), SIGN_TEXT.lower()}
    return {
        name: value[:200]
        for name, value in headers.items()
        if name.lower().startswith(PREFIX.lower()) and name.lower() not in hidden
    }


def body_hash(body: bytes) -> str:
    """SHA-256 of a body in lower-case hexadecimal; empty for no body."""
    return hashlib.sha256(body).hexdigest() if body else ""


class Referee:
    """Collects verdicts while a trial runs. What was wrong once stays wrong. Safe to use from several threads."""

    def __init__(
        self, items: Sequence[Item], clock: Callable[[], datetime], on_news: Callable[[Finding], None]
    ) -> None:
        self._items = {item.id: item for item in items}
        self._found: dict[str, Finding] = {}
        self._clock, self._on_news = clock, on_news
        self._lock = threading.RLock()
        self.started = clock()

    def right(self, item: str, seen: str, *evidence: Evidence) -> None:
        """The item was seen done as expected."""
        self._note(item, Verdict.RIGHT, seen, evidence)

    def wrong(self, item: str, seen: str, *evidence: Evidence) -> None:
        """The item was seen violated."""
        self._note(item, Verdict.WRONG, seen, evidence)

    def still_open(self, item: str, seen: str, *evidence: Evidence) -> None:
        """Something was seen of the item, not enough to judge it."""
        self._note(item, Verdict.OPEN, seen, evidence)

    def verdict(self, item: str) -> Verdict:
        """What is known of an item by now."""
        found = self._found.get(item)
        return found.verdict if found else Verdict.OPEN

    def findings(self) -> list[Finding]:
        """All items in the order of the table."""
        with self._lock:
            return [
                self._found.get(item.id) or Finding(item, Verdict.OPEN, "") for item in self._items.values()
            ]

    def report(self) -> Report:
        """Everything found until now."""
        return Report(self.started, self._clock(), tuple(self.findings()))

    def _note(self, item: str, verdict: Verdict, seen: str, evidence: Sequence[Evidence]) -> None:
        if item not in self._items:
            return  # another scenario's
        with self._lock:
            before = self._found.get(item)
            if before and before.verdict is Verdict.WRONG and verdict is not Verdict.WRONG:
                return
            if before and before.verdict is Verdict.RIGHT and verdict is Verdict.OPEN:
                return
            kept = (before.evidence if before and before.verdict is verdict else ()) + tuple(evidence)
            found = Finding(self._items[item], verdict, seen, kept[-MOST_EVIDENCE:])
            self._found[item] = found
            news = before is None or before.verdict is not verdict
        if news:
            self._on_news(found)


@dataclass(frozen=True)
class Report:
    """A trial's findings with when it ran (aware instants)."""

    started: datetime
    ended: datetime
    findings: tuple[Finding, ...]

    def count(self, verdict: Verdict) -> int:
        """How many items have the verdict."""
        return sum(finding.verdict is verdict for finding in self.findings)

    @property
    def exit_status(self) -> int:
        """0 nothing wrong and something right; 1 something wrong; 2 nothing could be judged."""
        if self.count(Verdict.WRONG):
            return 1
        return 0 if self.count(Verdict.RIGHT) else 2

    def as_dict(self) -> dict[str, Any]:
        """The report as JSON has it; keys are part of the command's public output."""
        return {
            "started": self.started.isoformat(),
            "ended": self.ended.isoformat(),
            "counts": {verdict.value: self.count(verdict) for verdict in Verdict},
            "items": [_row(finding) for finding in self.findings],
        }

    def write_json(self, path: Path) -> None:
        """Write the report beside its name first, so that a reader never finds half of it."""
        unfinished = path.with_name(f".{path.name}.{os.getpid()}")
        unfinished.write_text(
            json.dumps(self.as_dict(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
        )
        unfinished.replace(path)

    def write_junit(self, path: Path) -> None:
        """JUnit XML, as build servers read it: wrong is a failure, not exercised is skipped."""
        suite = ET.Element(
            "testsuite",
            name="vanthu.conformance",
            tests=str(len(self.findings)),
            failures=str(self.count(Verdict.WRONG)),
            skipped=str(self.count(Verdict.OPEN)),
            timestamp=self.started.isoformat(timespec="seconds"),
            time=f"{(self.ended - self.started).total_seconds():.3f}",
        )
        for finding in self.findings:
            case = ET.SubElement(
                suite, "testcase", classname=f"conformance.{finding.item.group}", name=finding.item.id
            )
            said = _plain(f"{finding.item.vi} — {finding.seen}")
            if finding.verdict is Verdict.WRONG:
                failure = ET.SubElement(case, "failure", message=said)
                failure.text = _plain("\n".join(_line(one) for one in finding.evidence), keep="\n")
            elif finding.verdict is Verdict.OPEN:
                ET.SubElement(case, "skipped", message=said)
        ET.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)

    def text(self) -> str:
        """A table for people, one line per item, what was wrong with its evidence."""
        lines = [f"{'KẾT QUẢ':<9} {'MỤC':<24} YÊU CẦU / ĐÃ THẤY"]
        for finding in self.findings:
            lines.append(
                f"{LABELS[finding.verdict]:<9} {finding.item.id:<24} {finding.item.vi} [{finding.item.source}]"
            )
            if finding.seen:
                lines.append(f"{'':<35}→ {_plain(finding.seen)}")
            if finding.verdict is Verdict.WRONG:
                lines += [f"{'':<35}  {_plain(_line(one))}" for one in finding.evidence]
        told = ", ".join(f"{LABELS[verdict].lower()} {self.count(verdict)}" for verdict in Verdict)
        return "\n".join([*lines, f"Tổng: {told}."])


def _row(finding: Finding) -> dict[str, Any]:
    return {
        "id": finding.item.id,
        "group": finding.item.group,
        "expected": finding.item.vi,
        "expected_en": finding.item.en,
        "source": finding.item.source,
        "verdict": finding.verdict.value,
        "seen": finding.seen,
        "evidence": [asdict(one) for one in finding.evidence],
    }


def _line(one: Evidence) -> str:
    arguments = ", ".join(
        f"{name.removeprefix(PREFIX)}={value}" for name, value in one.arguments.items() if "sign" not in name
    )
    body = f" | {one.body_size} byte sha256 {one.body_sha256[:16]}…" if one.body_size else ""
    return (
        f"{one.at} {one.call} ({arguments}){body} → HTTP {one.http_status} {one.answer} {one.milliseconds} ms"
    )


def _plain(text: str, keep: str = "") -> str:
    """Text that cannot drive a terminal nor break XML: what stands in it comes from strangers."""
    return text.translate({code: to for code, to in _CONTROL.items() if chr(code) not in keep})
