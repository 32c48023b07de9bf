"""What the software under test receives: plays the script, spoils what is to be spoiled, judges what it does with it.

Owns the life of each posted packet from listing to acknowledgement, and the faults of the list. What the software
sends is ``outbound``.
"""

from __future__ import annotations

import base64
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from vanthu.conformance import letters
from vanthu.conformance.acts import ACTS, MANY, PREPARES, REPLY_ACT, Act, many_act
from vanthu.conformance.report import Evidence
from vanthu.conformance.small_axis import Answer, Call, Delivery, Held
from vanthu.conformance.stage import Stage, is_ok, packet_call
from vanthu.edxml import DocumentPacket, StatusPacket
from vanthu.vxp import ErrorCode
from vanthu.vxp.answers import failed

MOST_DOWNLOADS = 5
"""So often may a packet be fetched whole without an acknowledgement before that counts as wrong."""

PLAIN = "text/plain; charset=utf-8"
LIST_FAULTS: dict[str, Callable[[], Answer | None]] = {
    "list-500": lambda: Answer(b"Internal Server Error", 500, PLAIN),
    "list-503": lambda: Answer(b"Service Unavailable", 503, PLAIN),
    "list-401": lambda: Answer("Sai token đăng nhập".encode(), 401, PLAIN),
    "list-fail": lambda: Answer.of(failed(ErrorCode.SYSTEM, "Loi he thong")),
    "list-clock": lambda: Answer.of(failed(ErrorCode.BAD_CREDENTIALS, "Thoi diem cua loi goi lech qua muc")),
    "list-garbage": lambda: Answer(b"<html><body>502 Bad Gateway</body></html>", 200, "text/html"),
    "list-slow": lambda: None,
}
"""In the order in which they come, each after a good answer; the slow one is carried out."""


@dataclass
class Track:
    """One posted packet and what was done with it."""

    act: Act
    posted: datetime
    group: str = ""
    whole: int = 0
    spoiled: bool = False
    acknowledged: str = ""
    again: bool = False


class Inbound:
    """The receiving half of a trial."""

    def __init__(self, stage: Stage, many: int) -> None:
        self._stage, self._many = stage, many
        self._tracks: dict[str, Track] = {}
        self._groups: dict[str, set[str]] = {}
        self._acts: dict[str, Act] = {}
        self._arrivals = Counter[str]()
        self._stack: list[tuple[Act, Held]] = []
        self._faults = [name for name in LIST_FAULTS if name in stage.chosen]
        self._fault, self._fault_stamp, self._good_before = "", "", False
        self._asked: set[str] = set()

    def start(self) -> None:
        """Post what waits for nothing."""
        for act in ACTS:
            if not act.after and self._chosen(act):
                self._post(act)
        if MANY in self._stage.chosen:
            self._stack = [self._held(many_act(number + 1)) for number in range(self._many)]

    def follow(self, delivery: Delivery, item: str, group: str = "") -> None:
        """Judge an item by the acknowledgement of a packet, or of all packets of a group."""
        act = Act(item, lambda *_: b"", item, kind="status")
        self._tracks[delivery.doc_id] = Track(act, self._stage.clock(), group)
        if group:
            self._groups.setdefault(group, set()).add(delivery.doc_id)

    def sent_first(self, packet: DocumentPacket) -> None:
        """The software under test sent a document: a reply to the first one."""
        if self._stage.script.theirs is None:
            self._stage.script.theirs = packet
            if self._chosen(REPLY_ACT):
                self._post(REPLY_ACT)

    def knows(self, document_id: str) -> bool:
        """Whether the counterpart sent a letter of this DocumentId."""
        return document_id in self._acts

    def reported(self, packet: StatusPacket, seen: Evidence) -> None:
        """The software under test sent a status about one of the letters."""
        act = self._acts[packet.response_for.document_id]
        code = str(getattr(packet.status_code, "value", packet.status_code))
        referee = self._stage.referee
        if code == "01":
            self._arrived(act, packet.response_for.document_id, seen)
        if code in act.answered:
            referee.right(act.item, f"trả lời {code}", seen)
        if act.doubtful and code == "02":
            referee.right(act.item, f"từ chối (02): {packet.description[:100]}", seen)
        if act.doubtful and code in ("03", "04", "05", "06"):
            referee.wrong(act.item, f"vẫn tiếp nhận, báo trạng thái {code}", seen)

    # --- calls

    def instead(self, call: Call) -> Answer | None:
        """A fault in the place of an answer."""
        if call.operation == "getReceivedEdocList":
            return self._list_fault(call)
        if call.operation == "updateStatus":
            track = self._tracks.get(call.signed.argument("docid"))
            if track and track.act.name == "ack-lost" and not track.spoiled:
                track.spoiled = True
                return Answer(cut_after=0)
        return None

    def afterwards(self, call: Call, answer: Answer, seen: Evidence) -> Answer:
        """What goes out, and what it shows."""
        if not is_ok(answer) and not (packet_call(call) and answer.status == 200):
            return answer
        if call.operation == "getReceivedEdocList":
            return self._listed(call, answer, seen)
        if packet_call(call):
            return self._fetched(call, answer, seen)
        if call.operation == "updateStatus":
            self._acknowledged(call, seen)
        return answer

    # --- the list

    def _list_fault(self, call: Call) -> Answer | None:
        if self._fault or not self._good_before or not self._faults:
            return None
        self._fault, self._fault_stamp = self._faults.pop(0), call.stamp
        return LIST_FAULTS[self._fault]()

    def _listed(self, call: Call, answer: Answer, seen: Evidence) -> Answer:
        referee, fault = self._stage.referee, self._fault
        self._stage.polled()
        self._asked.add(call.kind)
        if self._asked == {"edoc", "status"}:
            referee.right("poll-both", "đã hỏi cả hai danh sách", seen)
        if fault == "list-slow" and call.stamp == self._fault_stamp:
            return replace(answer, wait=self._stage.slow_seconds)
        self._good_before, self._fault = not fault, ""
        if fault == "list-clock" and call.stamp == self._fault_stamp:
            referee.wrong(fault, "gọi lại với đúng thời điểm đã bị từ chối", seen)
        elif fault:
            referee.right(fault, "đã hỏi lại", seen)
        self._lost_patience(seen)
        return answer

    def _lost_patience(self, seen: Evidence) -> None:
        """What lies in the list for too long while the software goes on asking is wrong."""
        before = self._stage.clock() - self._stage.patience
        for track in self._tracks.values():
            if track.act.item and not track.acknowledged and track.posted < before:
                minutes = self._stage.patience.total_seconds() / 60
                lying = f"nằm trong danh sách quá {minutes:.0f} phút mà không được báo nhận"
                self._stage.referee.wrong(track.act.item, lying, seen)

    # --- packets

    def _fetched(self, call: Call, answer: Answer, seen: Evidence) -> Answer:
        doc_id = call.signed.argument("docId")
        track = self._tracks.get(doc_id)
        if track is None:
            return answer
        body = self._stage.axis.deliveries[doc_id].packet.body
        if track.act.spoiled and not track.spoiled and track.act.name.startswith("body-"):
            track.spoiled = True
            return _spoiled(track.act.name, call, answer, body)
        track.whole += 1
        if track.whole >= MOST_DOWNLOADS and not track.acknowledged and track.act.item:
            self._stage.referee.wrong(
                track.act.item, f"đã tải trọn gói {track.whole} lần mà không báo done hay fail", seen
            )
        return answer

    def _acknowledged(self, call: Call, seen: Evidence) -> None:
        doc_id, state = call.signed.argument("docid"), call.signed.argument("status").lower()
        track = self._tracks.get(doc_id)
        if track is None or state == "processing":
            return
        referee, first = self._stage.referee, not track.acknowledged
        track.acknowledged = state
        if state == "done" and not track.whole:
            referee.wrong("done-after-whole", f"báo done khi chưa tải trọn gói {doc_id}", seen)
            referee.wrong(track.act.item, "báo done khi chưa tải trọn gói", seen)
        elif state == "done":
            referee.right("done-after-whole", "mọi gói báo done đều đã tải trọn", seen)
        if self._comes_again(doc_id, track, state):
            return
        self._judge(doc_id, track, state, seen)
        if first and not track.again:
            self._post_followers(track.act.name)

    def _comes_again(self, doc_id: str, track: Track, state: str) -> bool:
        """A packet of the repetitions: the first acknowledgement makes the axis send it again."""
        if state != "done" or track.again or track.act.name not in ("same-id-again", "other-id-again"):
            return False
        delivery = self._stage.axis.deliveries[doc_id]
        if track.act.name == "same-id-again":
            delivery.state, track.again = "initial", True
            track.acknowledged, track.posted = "", self._stage.clock()
        else:
            agency = self._stage.axis.agencies[delivery.recipient]
            other = self._stage.axis.deliver(delivery.packet, agency)
            self._tracks[other.doc_id] = Track(track.act, self._stage.clock(), again=True)
            track.again = True
        return True

    def _judge(self, doc_id: str, track: Track, state: str, seen: Evidence) -> None:
        referee, act = self._stage.referee, track.act
        if state == "fail" and not act.may_fail:
            referee.wrong(act.item, f"báo fail cho gói tin đúng: {call_text(seen)}", seen)
        elif state == "fail":
            referee.right(act.item, f"báo fail: {call_text(seen)}", seen)
        elif act.answered or act.doubtful:
            referee.still_open(act.item, "đã nhận và báo done, chờ trạng thái trả lời", seen)
        elif track.group:
            self._groups[track.group].discard(doc_id)
            left = len(self._groups[track.group])
            if left:
                referee.still_open(act.item, f"còn {left} gói chưa báo done", seen)
            else:
                referee.right(act.item, "đã báo done mọi gói", seen)
        else:
            referee.right(act.item, "đã tải trọn gói và báo done", seen)

    # --- posting

    def _chosen(self, act: Act) -> bool:
        wanted = act.item or PREPARES.get(act.name, "")
        return wanted in self._stage.chosen or act.name == "in-new"

    def _post(self, act: Act) -> None:
        self._deliver(*self._held(act))

    def _held(self, act: Act) -> tuple[Act, Held]:
        """An act with its packet, for nobody yet: writing thousands while a call waits would take too long."""
        script = self._stage.script
        return act, self._stage.hold(act.build(script, act.name), act.kind, script.sender.organ_id)

    def _deliver(self, act: Act, packet: Held, group: str = "") -> None:
        delivery = self._stage.deliver(packet)
        self._tracks[delivery.doc_id] = Track(act, self._stage.clock(), group)
        if group:
            self._groups.setdefault(group, set()).add(delivery.doc_id)
        for document_id in self._about(act):
            self._acts[document_id] = act

    def _about(self, act: Act) -> list[str]:
        """The DocumentIds under which statuses about this act come."""
        script = self._stage.script
        named = [script.written[act.name].document_id] if act.name in script.written else []
        if act.name in ("in-update", "in-recall", "in-take-back"):
            named.append(script.written[act.after].document_id)
        return named

    def _post_followers(self, name: str) -> None:
        for act in ACTS:
            if act.after == name and self._chosen(act):
                self._post(act)
        if name == "in-new":
            for act, packet in self._stack:
                self._deliver(act, packet, group=MANY)

    def _arrived(self, act: Act, document_id: str, seen: Evidence) -> None:
        self._arrivals[document_id] += 1
        referee = self._stage.referee
        referee.right("in-arrived", f"01 cho {document_id}", seen)
        if self._arrivals[document_id] > 1 and act.spoiled:
            referee.wrong(act.item, f"báo 01 lần nữa cho {document_id}: đã tạo văn bản thứ hai", seen)


def call_text(seen: Evidence) -> str:
    """The description that came with an acknowledgement."""
    for name, value in seen.arguments.items():
        if name.lower().endswith("-description"):
            return value
    return "không có mô tả"


def _spoiled(item: str, call: Call, answer: Answer, body: bytes) -> Answer:
    """The packet as a bad line hands it over."""
    if item == "body-cut":
        return replace(answer, cut_after=len(answer.content) // 2)
    worse = letters.broken(body) if item == "body-broken" else letters.altered(body, "Thử", "Thứ")
    if call.operation == "downloadEdoc":
        return replace(answer, content=worse)
    said = json.loads(answer.content) | {"data": base64.b64encode(worse).decode()}
    return replace(answer, content=json.dumps(said, ensure_ascii=False).encode())
