"""Pure decisions of issuing: what a draft still lacks, which stages a verb starts from."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date

from vanthu.errors import MustAct, VanthuError
from vanthu.formalities import DOCUMENT_TYPES, DocumentType, notation
from vanthu.formalities.secrecy import Described, SecrecyMark, find_marks
from vanthu.issuing.models import Stage
from vanthu.pades import ValidationReport, Verdict

EDITABLE = frozenset({Stage.DRAFT, Stage.RETURNED})
WITH_SIGNATURES_PENDING = frozenset({Stage.REVIEW, Stage.SUBMITTED})


@dataclass(frozen=True)
class DraftData:
    """What the drafter enters; identifiers are keys of the directory."""

    type_code: str
    subject: str
    urgency: int = 0
    restriction: str = ""
    steering: str = ""
    field_id: str = ""
    issue_place: str = ""
    signer_id: str = ""
    recipient_ids: Sequence[str] = ()
    distribution: Sequence[str] = ()
    reply_due: date | None = None
    reply_to_id: str = ""
    replaces: Sequence[str] = ()
    recall_left_out: bool = True
    recall_reason: str = ""
    note: str = ""


@dataclass(frozen=True)
class UpdateData:
    """What an update says of an issued document from now on, and whom it adds or takes off (keys of agencies)."""

    subject: str
    urgency: int
    reply_due: date | None = None
    distribution: Sequence[str] = ()
    added: Sequence[str] = ()
    removed: Sequence[str] = ()


def refuse_secret(says: Described, on_page: Sequence[SecrecyMark] = ()) -> None:
    """Raise :class:`SecretDraft` for a mark: what carries one is neither drafted nor uploaded (R31)."""
    marks = (*find_marks(says), *on_page)
    if marks:
        raise SecretDraft(level=marks[0].level.value, place=marks[0].place.value)


class DraftIncomplete(VanthuError):
    """Something is missing before the draft can be submitted."""

    code = "DRAFT_INCOMPLETE"
    message = "Chưa trình được: {missing}."
    rule = "NĐ 30/2020 Đ8"


class IssuerWithoutCode(VanthuError):
    """Without a code of the agency its documents get no identifier; said before a number is taken (R40)."""

    code = "ISSUER_WITHOUT_CODE"
    message = "Cơ quan chưa có mã định danh nên chưa trình được văn bản; quản trị của cơ quan cần khai báo."
    must_act = MustAct.ADMINISTRATOR
    rule = "QĐ 20/2020/QĐ-TTg"


class SecretDraft(VanthuError):
    """What somebody wants to draft or upload carries a mark of state secrecy."""

    code = "DRAFT_STATE_SECRET"
    message = (
        "Có dấu hiệu bí mật nhà nước (độ {level} tại {place}); không soạn, tải lên hệ thống này. Soạn trên máy "
        "tính riêng theo quy định về bảo vệ bí mật nhà nước; nếu không phải bí mật, hãy bỏ dấu ấy."
    )
    must_act = MustAct.USER
    rule = "QĐ 28/2018/QĐ-TTg Đ4; Luật Bảo vệ bí mật nhà nước 117/2025/QH15"


class FieldsWrong(VanthuError):
    """A short form was sent empty or too long."""

    code = "FIELDS_WRONG"
    message = "{problem}"


class NotEditable(VanthuError):
    """A submitted or signed document is not edited; it is returned or withdrawn first (L6)."""

    code = "NOT_EDITABLE"
    message = "Văn bản đang ở trạng thái “{state}” nên không sửa được; hãy rút lại hoặc chờ trả lại."
    rule = "NĐ 30/2020 Đ11.2"
    http_status = 409


class WrongStage(VanthuError):
    """The order draft, sign, number, seal, dispatch is mandatory (R98)."""

    code = "WRONG_STAGE"
    message = "Văn bản đang ở trạng thái “{state}”, không thực hiện được bước này."
    rule = "QĐ 33/2019/QĐ-UBND Đ10.1"
    http_status = 409


class NothingChosen(VanthuError):
    """Signing many documents was asked for without any."""

    code = "NOTHING_CHOSEN"
    message = "Chưa chọn văn bản nào để ký."


class BatchRunning(VanthuError):
    """One folder at a time for each person."""

    code = "SIGNING_BATCH_RUNNING"
    message = "Bạn đang có một lượt ký nhiều văn bản chưa xong; hãy chờ hoặc dừng lượt đó."
    http_status = 409


class BatchNotAsking(VanthuError):
    """The batch does not wait for a key any more: it was signed, stopped, or is another's."""

    code = "SIGNING_BATCH_NOT_ASKING"
    message = "Lượt ký này đã được ký, đã dừng hoặc không phải của bạn; hãy tải lại trang."
    http_status = 409


class ChangedMeanwhile(VanthuError):
    """Somebody changed the document while it was being signed; nothing was kept."""

    code = "CHANGED_MEANWHILE"
    message = "Văn bản vừa được người khác thay đổi; hãy tải lại trang và thực hiện lại."
    http_status = 409


class UnknownType(VanthuError):
    """No such document type."""

    code = "UNKNOWN_DOCUMENT_TYPE"
    message = "Không có tên loại văn bản này."
    rule = "NĐ 30/2020 Đ7"


class NotADrafter(VanthuError):
    """Only the drafter edits, submits and withdraws."""

    code = "NOT_THE_DRAFTER"
    message = "Chỉ người soạn thảo thực hiện được việc này."
    http_status = 403


class ReturnWithoutReason(VanthuError):
    """Returning needs a reason the drafter can act on."""

    code = "RETURN_WITHOUT_REASON"
    message = "Hãy ghi lý do trả lại để người soạn thảo sửa."


class ReopenWithoutReason(VanthuError):
    """Whoever signed will read why the signature no longer counts."""

    code = "REOPEN_WITHOUT_REASON"
    message = "Hãy ghi lý do lấy lại văn bản đã ký; người đã duyệt, đã ký sẽ thấy nội dung này."
    rule = "NĐ 30/2020 Đ11.2"


class CancelWithoutReason(VanthuError):
    """A number is struck with a reason that the register keeps."""

    code = "CANCEL_WITHOUT_REASON"
    message = "Hãy ghi lý do hủy; lý do được ghi vào sổ đăng ký cạnh số đã cấp."
    rule = "NĐ 30/2020 Đ15"


class CompetentSignatureMissing(VanthuError):
    """The agency signs only what a competent person has validly signed (R94)."""

    code = "COMPETENT_SIGNATURE_MISSING"
    message = "Chưa ký số của cơ quan được: {why}. Hãy trả lại người soạn thảo để trình ký lại."
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 Đ33.2; QĐ 33/2019/QĐ-UBND Đ10.1.c"
    http_status = 409


class AnnexUnsigned(VanthuError):
    """A separate annex without the agency's signature is not sent (R96, V17)."""

    code = "ANNEX_UNSIGNED"
    message = "Phụ lục “{name}” chưa có chữ ký số của cơ quan nên chưa phát hành được."
    must_act = MustAct.CLERK
    rule = "QĐ 33/2019/QĐ-UBND Đ10.1.c"


class AnnexMissing(VanthuError):
    """The annex was taken out before, or never was."""

    code = "ANNEX_NOT_FOUND"
    message = "Dự thảo không có phụ lục này; hãy tải lại trang."
    http_status = 404


class NoFileToPlace(VanthuError):
    """Places are chosen on a page; without a file there is none."""

    code = "NO_FILE_TO_PLACE"
    message = "Dự thảo chưa có tệp văn bản nên chưa đặt được vị trí; hãy tải tệp lên trước."


class PlacesCoverWords(VanthuError):
    """A place chosen by hand lies over something printed; the person confirms that, or moves it."""

    code = "PLACES_COVER_WORDS"
    message = "{covered} Hãy dời vị trí, hoặc xác nhận nếu đúng ý."
    rule = "NĐ 30/2020 Phụ lục I"
    http_status = 422

    def __init__(self, covered: Sequence[str]) -> None:
        self.covered = tuple(covered)
        super().__init__(covered=" ".join(covered))


class NothingUpdated(VanthuError):
    """An update that changes nothing would only trouble the recipients."""

    code = "NOTHING_UPDATED"
    message = "Chưa có thông tin hay nơi nhận nào được thay đổi."


class OneDecisionAtATime(VanthuError):
    """Another proposal about the document waits for the leader."""

    code = "PROPOSAL_WAITS"
    message = "Đang có một đề nghị thu hồi hoặc cập nhật văn bản này chờ lãnh đạo quyết định."
    must_act = MustAct.LEADER
    http_status = 409


class ChangeWithoutReason(VanthuError):
    """Recipients read the reason, and it is kept with the document for ever."""

    code = "CHANGE_WITHOUT_REASON"
    message = "Hãy ghi lý do; nơi nhận sẽ thấy nguyên văn nội dung này."
    rule = "NĐ 30/2020 PL VI III.8"


class ReplacedUnknown(VanthuError):
    """Only what the agency issued and has not recalled can be replaced."""

    code = "REPLACED_DOCUMENT_UNKNOWN"
    message = "Không tìm thấy văn bản đã phát hành số {code} của cơ quan trong phạm vi của bạn để thay thế."
    rule = "NĐ 30/2020 Đ18.3"


def document_type(code: str) -> DocumentType:
    """The document type of a code; raises :class:`UnknownType`."""
    try:
        return DOCUMENT_TYPES[code]
    except KeyError:
        raise UnknownType from None


def missing(
    *,
    subject: str,
    has_signer: bool,
    has_main_file: bool,
    recipients: int,
    restricted: bool,
    partners_missing: bool = False,
) -> list[str]:
    """What the draft lacks, as phrases for the drafter; empty when it can be submitted."""
    found = []
    if not subject.strip():
        found.append("chưa có trích yếu")
    if not has_signer:
        found.append("chưa chọn người ký")
    if not has_main_file:
        found.append("chưa có tệp văn bản")
    if not recipients and not restricted:
        found.append("chưa chọn nơi nhận")
    if partners_missing:
        found.append("chưa có cơ quan cùng ban hành")
    return found


def notation_for(type_code: str, agency_abbreviation: str, unit_abbreviation: str, year: int) -> str:
    """Ký hiệu of a document of the agency drafted by the unit (NĐ 30/2020 PL I.II.3); of a joint document the agencies'
    part is ``joint_rules.joint_abbreviation``."""
    kind = document_type(type_code)
    return notation(kind, agency_abbreviation, unit_abbreviation or None, year)


def state_label(state: str) -> str:
    """The word for a stored state."""
    return Stage(state).label if state in Stage.values else state


def require_stage(stage: str, *allowed: Stage) -> None:
    """Raise :class:`WrongStage` unless the document is in one of the stages."""
    if stage not in allowed:
        raise WrongStage(state=Stage(stage).label)


def require_competent_signature(report: ValidationReport, field: str, serials: Collection[str]) -> None:
    """Raise :class:`CompetentSignatureMissing` unless the signature in ``field`` is there, not invalid, and made with
    one of the signer's certificates (``serials``, hexadecimal). One that cannot be judged now does not stop."""
    found = next((item for item in report.signatures if item.field == field), None)
    if found is None:
        raise CompetentSignatureMissing(why="văn bản chưa có chữ ký số của người có thẩm quyền")
    if found.verdict is Verdict.INVALID:
        why = found.reasons[0].text.rstrip(".")
        raise CompetentSignatureMissing(why=f"chữ ký số của {found.signer_name} không hợp lệ ({why})")
    if int(found.certificate_serial, 16) not in {int(serial, 16) for serial in serials}:
        raise CompetentSignatureMissing(
            why=f"chữ ký số của {found.signer_name} không phải của người ký văn bản"
        )
