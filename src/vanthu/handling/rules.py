"""Pure decisions of handling: what the automatic check recommends, what a directive must state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import timedelta
from enum import Enum
from typing import Any

from vanthu.errors import MustAct, VanthuError
from vanthu.handling.models import IntakeVerdict, Stage
from vanthu.legal.recalls import Progress
from vanthu.signing.rules import growing_gap


class Outcome(str, Enum):
    """Result of one check."""

    PASS = "PASS"  # noqa: S105 - a check passed
    WARN = "WARN"
    FAIL = "FAIL"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class Check:
    """One line of the check report (requirements 2.4.11): a stable code, the outcome and a sentence."""

    code: str
    outcome: Outcome
    text: str
    again: bool = False
    """Another look may find more: an authority did not answer."""

    def as_dict(self) -> dict[str, Any]:
        """For the stored report."""
        return {**asdict(self), "outcome": self.outcome.value}


FATAL = frozenset({"ADDR", "MANIFEST", "SIGNATURES", "SIG_PERSON", "SIG_AGENCY", "SIG_AUTHORITY", "SECRET"})


def verdict_of(checks: Sequence[Check]) -> IntakeVerdict:
    """What the report recommends; the clerk decides (R82)."""
    if any(check.outcome is Outcome.FAIL and check.code in FATAL for check in checks):
        return IntakeVerdict.REJECT
    if any(check.outcome is not Outcome.PASS for check in checks):
        return IntakeVerdict.WARNING
    return IntakeVerdict.ACCEPTABLE


def next_look(checks: Sequence[Check], attempts: int) -> timedelta | None:
    """When to look again after ``attempts`` looks: twice as long each time, at most a week; None when another look
    would find the same. There is no end: what nobody could judge is not forgotten."""
    return growing_gap(attempts) if any(check.again for check in checks) else None


class WrongStage(VanthuError):
    """The step does not fit the state of the incoming document (L4, R98)."""

    code = "WRONG_STAGE"
    message = "Văn bản đang ở trạng thái “{state}”, không thực hiện được bước này."
    rule = "NĐ 30/2020 Đ22.1"
    http_status = 409


class RejectWithoutReason(VanthuError):
    """A refusal names its reason (R17)."""

    code = "REJECT_WITHOUT_REASON"
    message = "Hãy chọn và ghi rõ lý do từ chối để bên gửi xử lý."
    rule = "QĐ 28/2018/QĐ-TTg Đ4"


class DirectiveIncomplete(VanthuError):
    """Lead, collaborators, deadline and content must be stated (R89)."""

    code = "DIRECTIVE_INCOMPLETE"
    message = "Chưa giao được: {missing}."
    rule = "NĐ 30/2020 Đ24; QĐ 33/2019/QĐ-UBND Đ9"


class ResultMissing(VanthuError):
    """Finished work has a result: an answer or a note."""

    code = "RESULT_MISSING"
    message = "Hãy ghi kết quả xử lý, hoặc soạn văn bản trả lời từ đây, rồi hoàn thành."
    rule = "NĐ 30/2020 Đ24"


class NothingToOpen(VanthuError):
    """Somebody opened it meanwhile, or it was never encrypted."""

    code = "NOTHING_TO_OPEN"
    message = "Văn bản không còn tệp nào chờ mở khóa; hãy tải lại trang."
    http_status = 409


class StillEncrypted(VanthuError):
    """Nobody can check or read it yet, so it is not registered."""

    code = "STILL_ENCRYPTED"
    message = "Văn bản còn tệp mã hóa chưa mở; văn thư mở khóa rồi vào sổ."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ21.2"
    http_status = 409


class NothingToSay(VanthuError):
    """An empty note."""

    code = "EMPTY_NOTE"
    message = "Nội dung đang trống."


class RefusalWithoutReason(VanthuError):
    """Refusing what the sender asks needs a reason it can read (status 16)."""

    code = "CHANGE_REFUSED_WITHOUT_REASON"
    message = "Hãy ghi lý do từ chối; bên gửi sẽ thấy nguyên văn."
    rule = "NĐ 30/2020 PL VI III.8.b"


class NotSealed(VanthuError):
    """Only what its sender recalled is destroyed outside the archive's own procedure."""

    code = "DESTRUCTION_NOT_RECALLED"
    message = "Chỉ tiêu hủy nội dung của văn bản đã bị bên gửi thu hồi."
    rule = "NĐ 30/2020 PL VI III.8.b"
    http_status = 409


class DestructionBegun(VanthuError):
    """It is asked for, or done."""

    code = "DESTRUCTION_BEGUN"
    message = "Việc tiêu hủy nội dung văn bản này đã được đề nghị hoặc đã thực hiện; hãy tải lại trang."
    http_status = 409


class DestructionWithoutReason(VanthuError):
    """The minutes say why."""

    code = "DESTRUCTION_WITHOUT_REASON"
    message = "Hãy ghi lý do; lý do được lưu trong biên bản tiêu hủy."
    rule = "NĐ 30/2020 PL VI III.8.c"


class SecondPersonNeeded(VanthuError):
    """Who asks does not decide."""

    code = "DESTRUCTION_SECOND_PERSON"
    message = "Người đề nghị không tự quyết định tiêu hủy; cần một lãnh đạo khác."
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 PL VI III.8.b, c"
    http_status = 409


_PROGRESS = {
    Stage.ARRIVED: Progress.UNREGISTERED,
    Stage.REJECTED: Progress.UNREGISTERED,
    Stage.COMPLETED: Progress.COMPLETED,
    Stage.RECALLED: Progress.CANCELLED,
}


def progress_of(stage: str) -> Progress:
    """How far the document is, as the rule on recalls sees it."""
    return _PROGRESS.get(Stage(stage), Progress.IN_WORK)


def missing_in_directive(
    *, text: str, lead: bool, people: int, has_deadline: bool, repeated: bool
) -> list[str]:
    """What a directive lacks (R89); empty when it can be given."""
    found = []
    if not lead:
        found.append("chưa chọn người chủ trì")
    if not text.strip():
        found.append("chưa có ý kiến chỉ đạo")
    if people > 1 and not has_deadline:
        found.append("nhiều người cùng xử lý thì phải có thời hạn")
    if repeated:
        found.append("một người chỉ giữ một vai trò")
    return found


def require_stage(stage: str, *allowed: Stage) -> None:
    """Raise :class:`WrongStage` unless the document is in one of the stages."""
    if stage not in allowed:
        raise WrongStage(state=Stage(stage).label)
