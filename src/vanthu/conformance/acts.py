"""What the counterpart sends by itself: the script of letters, changes and damaged packets, in one table.

Owns which packet shows which item and what has to come before it. Refuses to send (``counterpart``) and to judge.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

from vanthu.conformance import letters
from vanthu.conformance.desks import DESKS
from vanthu.conformance.papers import Papers
from vanthu.edxml import BusinessType, DocumentPacket, Organization, ResponseFor, write
from vanthu.edxml.codes import StatusCode

REPLY = "in-reply"
MANY = "in-many"


@dataclass
class Script:
    """What the letters of one trial share: who writes to whom, the files, and the letters written so far."""

    to: Organization
    papers: Papers
    clock: Callable[[], datetime]
    mark: str
    written: dict[str, DocumentPacket] = field(default_factory=dict)
    theirs: DocumentPacket | None = None
    """The first document of the software under test, which a reply names."""

    def __post_init__(self) -> None:
        self.sender = Organization(DESKS[0].code, DESKS[0].vi)
        self._numbers = itertools.count(1)

    def letter(self, act: str, subject: str, **more: object) -> DocumentPacket:
        """A new letter of the script, remembered by its act."""
        files = more.pop("files", (("cong-van.pdf", self.papers.good),))
        sender = more.pop("sender", self.sender)
        assert isinstance(sender, Organization)
        made = letters.letter(
            sender,
            self.to,
            f"{next(self._numbers)}-{self.mark}",
            self.clock(),
            subject=f"{subject} ({act})",
            files=files,  # type: ignore[arg-type]
            **more,  # type: ignore[arg-type]
        )
        self.written[act] = made
        return made


Build = Callable[[Script, str], bytes]


@dataclass(frozen=True)
class Act:
    """One packet of the script. ``item`` is what it shows (empty: it only prepares another), ``after`` the act whose
    packet must be acknowledged before.

    ``answered`` are the business statuses that complete the item; without them the acknowledgement does.
    ``may_fail``: an acknowledgement with ``fail`` is right, too. ``doubtful``: it must not be taken in (03 to 06).
    ``spoiled``: the axis spoils its first download, acknowledgement or listing, named by the item.
    """

    name: str
    build: Build
    item: str = ""
    after: str = ""
    kind: str = "edoc"
    answered: tuple[str, ...] = ()
    may_fail: bool = False
    doubtful: bool = False
    spoiled: bool = False


def _plain(subject: str, **more: object) -> Build:
    return lambda script, act: write(script.letter(act, subject, **more))


def _with_file(subject: str, file: Callable[[Script], bytes]) -> Build:
    return lambda script, act: write(script.letter(act, subject, files=(("van-ban.pdf", file(script)),)))


def _several_files(script: Script, act: str) -> bytes:
    files = (
        ("Công văn thử nghiệm.pdf", script.papers.good),
        ("Phụ lục số 1.txt", "Phụ lục: đủ dấu tiếng Việt ẵ ỹ Ữ Đ\n".encode()),
        ("Phụ lục số 2.bin", bytes(range(256)) * 64),
    )
    return write(script.letter(act, "Thử nghiệm văn bản mới, ba tệp đính kèm", files=files))


def _change(kind: BusinessType, first: str, reason: str) -> Build:
    return lambda script, _: write(letters.changed(script.written[first], kind, reason))


def _replacement(script: Script, act: str) -> bytes:
    first = script.written["to-replace"]
    newer = script.letter(act, "Thử nghiệm thay thế văn bản")
    return write(letters.replacement(first, newer, "Thử nghiệm thay thế"))


def _take_back(script: Script, _: str) -> bytes:
    named = letters.about(script.written["to-take-back"], script.to.organ_id)
    code = StatusCode.TAKE_BACK.value
    return letters.status(script.sender, named, code, script.clock(), "Thử nghiệm: gửi nhầm nơi nhận")


def _reply(script: Script, act: str) -> bytes:
    assert script.theirs is not None
    theirs = script.theirs
    named = ResponseFor(script.to.organ_id, theirs.code, theirs.document_id, theirs.promulgation_date)
    return write(script.letter(act, "Thử nghiệm phúc đáp", responses=(named,)))


def _orphan(script: Script, _: str) -> bytes:
    named = letters.nobodys(script.to.organ_id, script.clock().date(), f"0-{script.mark}")
    return letters.status(
        script.sender, named, "01", script.clock(), "Thử nghiệm trạng thái không có văn bản"
    )


def _bomb(script: Script, act: str) -> bytes:
    return letters.entity_bomb(write(script.letter(act, "Thử nghiệm gói có DOCTYPE")))


ACTS = (
    Act("in-new", _several_files, "in-new"),
    Act("in-urgent", _plain("Thử nghiệm văn bản hỏa tốc", priority=3), "in-urgent"),
    Act("to-update", _plain("Thử nghiệm văn bản sẽ được cập nhật")),
    Act("to-recall", _plain("Thử nghiệm văn bản sẽ bị thu hồi")),
    Act("to-replace", _plain("Thử nghiệm văn bản sẽ được thay thế")),
    Act("to-take-back", _plain("Thử nghiệm văn bản sẽ được lấy lại")),
    Act("same-id-again", _plain("Thử nghiệm docId lặp lại"), "same-id-again", spoiled=True),
    Act("other-id-again", _plain("Thử nghiệm văn bản lặp lại"), "other-id-again", spoiled=True),
    Act("ack-lost", _plain("Thử nghiệm mất kết nối khi báo nhận"), "ack-lost", spoiled=True),
    Act("body-cut", _plain("Thử nghiệm đứt kết nối khi tải"), "body-cut", spoiled=True),
    Act("body-broken", _plain("Thử nghiệm nội dung hỏng"), "body-broken", may_fail=True, spoiled=True),
    Act("body-other", _plain("Thử nghiệm nội dung bị đổi"), "body-other", may_fail=True, spoiled=True),
    Act("not-a-packet", lambda *_: letters.NO_PACKET, "not-a-packet", may_fail=True),
    Act("entity-bomb", _bomb, "entity-bomb", may_fail=True),
    Act(
        "unknown-sender",
        _plain(
            "Thử nghiệm bên gửi lạ", sender=Organization("X99.KHONGCO", "Cơ quan không có trong danh mục")
        ),
        "unknown-sender",
        may_fail=True,
    ),
    Act("orphan-status", _orphan, "orphan-status", kind="status"),
    Act(
        "file-destroyed",
        _with_file("Thử nghiệm tệp hỏng", lambda script: letters.text_destroyed(script.papers.good)),
        "file-destroyed",
        doubtful=True,
        may_fail=True,
    ),
    Act(
        "pdf-expired",
        _with_file("Thử nghiệm chữ ký hết hạn", lambda script: script.papers.expired),
        "pdf-expired",
        doubtful=True,
    ),
    Act(
        "pdf-unknown",
        _with_file("Thử nghiệm chữ ký tự cấp", lambda script: script.papers.unknown),
        "pdf-unknown",
        doubtful=True,
    ),
    Act(
        "pdf-altered",
        _with_file("Thử nghiệm PDF bị sửa", lambda script: script.papers.altered),
        "pdf-altered",
        doubtful=True,
    ),
    Act(
        "in-update",
        _change(BusinessType.UPDATE, "to-update", "Thử nghiệm cập nhật"),
        "in-update",
        after="to-update",
        answered=("15", "16"),
    ),
    Act(
        "in-recall",
        _change(BusinessType.RECALL, "to-recall", "Thử nghiệm thu hồi"),
        "in-recall",
        after="to-recall",
        answered=("15", "16", "02", "03"),
    ),
    Act("in-replace", _replacement, "in-replace", after="to-replace", answered=("01",)),
    Act(
        "in-take-back", _take_back, "in-take-back", after="to-take-back", kind="status", answered=("15", "16")
    ),
)
"""In the order in which they are sent; those with ``after`` as soon as that is acknowledged."""

PREPARES = {act.after: act.item for act in ACTS if act.after}
REPLY_ACT = Act(REPLY, _reply, REPLY)


def many_act(number: int) -> Act:
    """One of the letters of the very long list."""
    return Act(f"{MANY}-{number}", _plain("Thử nghiệm danh sách dài"), MANY, after="in-new")
