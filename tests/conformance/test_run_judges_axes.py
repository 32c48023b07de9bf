"""``vanthu conformance run``: a right axis passes every item, and each fault of an axis is found by its item."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from tests.conformance.parts import small_axis, tried

from vanthu.axis.envelope import Envelope
from vanthu.conformance.modern_door import ModernDoor
from vanthu.conformance.report import Verdict
from vanthu.conformance.small_axis import Agency, Answer, Call, Delivery, Held, Request, SmallAxis
from vanthu.vxp import Measured, SignedCall
from vanthu.vxp.answers import done

NOON = datetime(2026, 11, 20, 5, tzinfo=UTC)


def noon() -> datetime:
    return NOON


def test_the_kits_own_axis_is_right_in_every_item(tmp_path: Path) -> None:
    report = tried(small_axis(tmp_path, noon, largest=1 << 20), noon, too_large=2 << 20)

    open_items = [found.item.id for found in report.findings if found.verdict is Verdict.OPEN]
    assert [(found.item.id, found.seen) for found in report.findings if found.verdict is Verdict.WRONG] == []
    assert open_items == ["axis-expect"]  # needs a socket
    assert report.exit_status == 0


def test_with_one_member_system_only_the_single_sided_items_are_judged(tmp_path: Path) -> None:
    report = tried(small_axis(tmp_path, noon), noon, alone=True)

    assert report.count(Verdict.WRONG) == 0
    assert report.count(Verdict.RIGHT) >= 15
    needing = next(found for found in report.findings if found.item.id == "axis-repeat")
    assert "--other-system-id" in needing.seen


class MakesDuplicates(SmallAxis):
    def earlier(self, member: str, envelope: Envelope, sha256: str) -> list[Delivery]:
        return []


class TakesChangesForRepetitions(SmallAxis):
    def earlier(self, member: str, envelope: Envelope, sha256: str) -> list[Delivery]:
        return [
            row
            for row in self.deliveries.values()
            if row.packet.envelope.document_id == envelope.document_id and row.packet.kind == "edoc"
        ]


class BelievesAnyHash(SmallAxis):
    def measured(self, body: bytes, claimed: str) -> Measured:
        import hashlib

        return Measured(hashlib.sha256(body).digest(), len(body))


class WantsPaddedHashes(SmallAxis):
    def measured(self, body: bytes, claimed: str) -> Measured:
        return super().measured(body, claimed if len(claimed) == 64 else "0" * 64)


class ForgetsOnDownload(SmallAxis):
    def _download(self, call: Call) -> Answer:
        answer = super()._download(call)
        self.delivery_for(call.member, call.signed.required("docId")).state = "done"
        return answer


class KeepsListing(SmallAxis):
    def waiting(self, member: str, kind: str) -> list[Delivery]:
        return [row for row in self.deliveries.values() if row.member == member and row.packet.kind == kind]


class HandsOutEverything(SmallAxis):
    def delivery_for(self, member: str, doc_id: str) -> Delivery:
        return (
            super().delivery_for(self.deliveries[doc_id].member, doc_id)
            if doc_id in self.deliveries
            else (super().delivery_for(member, doc_id))
        )


class KnowsNoTime(SmallAxis):
    def verified(self, request: object) -> SignedCall:
        from vanthu.vxp import parse_and_verify

        secrets = {name: member.secret for name, member in self.members.items()}
        stamp = request.headers.get("xroadvnpt-timestamp", "")  # type: ignore[attr-defined]
        try:
            now = datetime.strptime(stamp.partition("+")[0], "%d%m%YT%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            now = self.clock()
        return parse_and_verify(request.headers, secrets.get, now=now)  # type: ignore[attr-defined]


class RewritesPackets(SmallAxis):
    def hold(self, member: str, kind: str, envelope: Envelope, body: bytes, measured: Measured) -> Held:
        return super().hold(member, kind, envelope, body.decode(errors="ignore").encode() + b"\n", measured)


class MixesLists(SmallAxis):
    def waiting(self, member: str, kind: str) -> list[Delivery]:
        return super().waiting(member, "edoc") + super().waiting(member, "status")


class TakesAnyReceiver(SmallAxis):
    def _recipients(self, codes: Sequence[str]) -> list[Agency]:
        return [self.agencies.get(code) or Agency(code, "", "nobody") for code in codes]


class CountsWrong(SmallAxis):
    def _count(self, call: Call, kind: str) -> Answer:
        return Answer.of(done(count=0))


class AnswersInHtml(SmallAxis):
    def answer(self, request: object) -> Answer:
        return Answer(b"<html>Dang nang cap</html>", content_type="text/html")


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        (MakesDuplicates, ("axis-repeat", "axis-replay")),
        (TakesChangesForRepetitions, ("axis-changes",)),
        (BelievesAnyHash, ("axis-wrong-hash", "axis-crlf")),
        (WantsPaddedHashes, ("axis-unpadded",)),
        (ForgetsOnDownload, ("axis-until-done",)),
        (KeepsListing, ("axis-done", "axis-fail")),
        (HandsOutEverything, ("axis-only-theirs",)),
        (KnowsNoTime, ("axis-old-time", "axis-future-time")),
        (RewritesPackets, ("axis-same-bytes", "axis-both-downloads")),
        (MixesLists, ("axis-status",)),
        (TakesAnyReceiver, ("axis-unknown-receiver",)),
        (CountsWrong, ("axis-counts",)),
        (AnswersInHtml, ("axis-agencies", "axis-accept", "axis-hmac")),
    ],
)
def test_a_fault_of_an_axis_is_found(tmp_path: Path, kind: type[SmallAxis], items: tuple[str, ...]) -> None:
    report = tried(small_axis(tmp_path, noon, kind), noon, items=items)

    assert {found.item.id: found.verdict for found in report.findings} == dict.fromkeys(items, Verdict.WRONG)
    assert all(found.seen and found.evidence for found in report.findings)
    assert report.exit_status == 1


def test_an_axis_that_is_not_there_is_wrong_with_words(tmp_path: Path) -> None:
    import httpx

    from vanthu.conformance.runner import try_axis

    with httpx.Client(timeout=1) as http:
        report = try_axis("http://127.0.0.1:9", ("W01", "k", ""), None, http=http, clock=noon)

    assert report.count(Verdict.RIGHT) == 0
    assert "không trả lời" in next(found.seen for found in report.findings if found.verdict is Verdict.WRONG)


class TakesReplays(ModernDoor):
    def _signed(self, request: Request, path: str) -> Answer:
        self._nonces.clear()
        return super()._signed(request, path)


class BelievesAnyDigest(ModernDoor):
    def _check_digest(self, field: str, body: bytes) -> None:
        return


class KeysMeanNothing(ModernDoor):
    def _once(self, caller: object, request: Request, asked: object) -> None:
        return


class AlwaysWhole(ModernDoor):
    def _packet(self, caller: Any, request: Request, doc_id: str) -> Answer:
        headers = {name: value for name, value in request.headers.items() if name.lower() != "range"}
        return super()._packet(caller, replace(request, headers=headers), doc_id)

    def _agencies(self, caller: Any, request: Request, asked: Mapping[str, str]) -> Answer:
        return super()._agencies(caller, request, {"after": "0"})


@pytest.mark.parametrize(
    ("kind", "items"),
    [
        (TakesReplays, ("relay-replay",)),
        (BelievesAnyDigest, ("relay-digest",)),
        (KeysMeanNothing, ("relay-other-body",)),
        (AlwaysWhole, ("relay-range", "relay-delta")),
    ],
)
def test_a_fault_of_a_modern_door_is_found(
    kind: type[ModernDoor], items: tuple[str, ...], tmp_path: Path
) -> None:
    axis = small_axis(tmp_path, noon)
    kind(axis)
    report = tried(axis, noon, items=items)
    assert [found.verdict for found in report.findings] == [Verdict.WRONG] * len(items)


def test_an_axis_without_a_modern_door_is_not_judged_for_it(tmp_path: Path) -> None:
    axis = small_axis(tmp_path, noon)
    axis.other_door = None
    [found] = tried(axis, noon, items=("relay-old",)).findings
    assert (found.verdict, "không có cửa hiện đại" in found.seen) == (Verdict.OPEN, True)


def test_reports_hold_no_secret_and_no_signature(tmp_path: Path) -> None:
    report = tried(small_axis(tmp_path, noon, MakesDuplicates), noon)
    report.write_json(tmp_path / "report.json")
    report.write_junit(tmp_path / "report.xml")

    told = (tmp_path / "report.json").read_text() + (tmp_path / "report.xml").read_text() + report.text()
    assert "khoa-mot" not in told
    assert "hash-header" not in told
    assert 'failures="3"' in (tmp_path / "report.xml").read_text()
    assert "axis-repeat" in told
