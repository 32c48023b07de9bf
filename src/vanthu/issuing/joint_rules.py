"""Pure decisions about joint documents (văn bản liên tịch): whose turn it is, what may come back from outside.

The order is fixed: everybody signs, the agency that drafts gives number and date, the others seal, it seals last and
sends. Refuses to look into files: reports of validation are given.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Generic, TypeVar

from vanthu.errors import MustAct, VanthuError
from vanthu.formalities import DOCUMENT_TYPES, Family
from vanthu.issuing.models import Stage
from vanthu.pades import SignatureKind, SignatureReport, ValidationReport, Verdict
from vanthu.signing.senders import Fit, Sender, fits, is_of

MOST_CO_ISSUERS = 4
"""Besides the agency that drafts: more blocks than five do not fit on a page."""

Key = TypeVar("Key")


@dataclass(frozen=True)
class Party(Generic[Key]):
    """One who signs or seals: whether on this site, and whether done."""

    key: Key
    here: bool
    done: bool


def whose_turn(parties: Sequence[Party[Key]], *, in_order: bool) -> list[Key]:
    """Who is asked now, of parties in their order; nobody once all are done.

    In any order all of this site are asked at once. Those elsewhere come after them, one at a time: a file that is on
    its way outside must come back on top of what it was, so nobody else may sign meanwhile.
    """
    left = [party for party in parties if not party.done]
    here = [party.key for party in left if party.here]
    if in_order or not here:
        return [party.key for party in left[:1]]
    return here


@dataclass(frozen=True)
class CoIssuerData:
    """What the drafter enters of another agency; ``post_id`` for one of this site, the names for one elsewhere."""

    agency_id: str
    post_id: str = ""
    signer_name: str = ""
    signer_position: str = ""
    signer_competence: str = ""


class Step(Enum):
    """What an agency elsewhere does with the file that it was given."""

    SIGN = "SIGN"
    SEAL = "SEAL"


def may_leave(stage: Stage, *, signed: bool, left: bool) -> bool:
    """Whether an agency may withdraw: when it has signed (before that its signer refuses), until the agency that drafts
    has sealed."""
    return signed and not left and stage in {Stage.SUBMITTED, Stage.SIGNED, Stage.NUMBERED}


def said_reminded(agency: str, moment: str) -> str:
    """What a partner reads at its work when it is asked again."""
    return f"{agency} nhắc lúc {moment}"


def said_left(agency: str, reason: str) -> str:
    """What the agency that drafts reads when a partner withdrew."""
    return f"{agency} đã rút: {reason}"


def said_cancelled(agency: str, code: str, reason: str) -> str:
    """What everybody reads who had a hand in a document that was cancelled."""
    return f"{agency} đã hủy văn bản số {code}: {reason}"


class CoIssuerUnfit(VanthuError):
    """An agency cannot issue together with itself, and needs a signer whom it has."""

    code = "CO_ISSUER_UNFIT"
    message = "Chưa thêm được cơ quan cùng ban hành: {why}."
    rule = "NĐ 30/2020 Đ13"


class PartnerPlaceMissing(VanthuError):
    """The page shows no block for a co-signer."""

    code = "CO_SIGNER_PLACE_NOT_FOUND"
    message = "Không thấy khối ký của {names} trên trang; hãy sửa tệp, hoặc tự đặt vị trí ký."
    rule = "NĐ 30/2020 Phụ lục I"


class PartnerLeft(VanthuError):
    """An agency withdrew after the number was given; without its seal the document is not issued."""

    code = "CO_ISSUER_LEFT"
    message = "{names} đã rút khỏi văn bản; hãy mời lại, hoặc hủy văn bản cùng số đã cấp."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ13"
    http_status = 409


class PartnerNotAsked(VanthuError):
    """Nothing is asked of the agency now, so there is nothing to remind it of."""

    code = "CO_ISSUER_NOT_ASKED"
    message = "Văn bản hiện không chờ {name} nên không nhắc được; hãy tải lại trang."
    http_status = 409


class LeavingWithoutReason(VanthuError):
    """The agency that drafts reads why, and decides what becomes of the document."""

    code = "LEAVE_WITHOUT_REASON"
    message = "Hãy ghi lý do rút; cơ quan chủ trì sẽ thấy nguyên văn nội dung này."


class OutsideRefused(VanthuError):
    """What came back from outside is not the document that went there with one good signature more."""

    code = "OUTSIDE_SIGNATURE_REFUSED"
    message = "Không nhận tệp này: {why}."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ33; NĐ 23/2025 Đ15"


def require_further_signature(
    report: ValidationReport, *, before: Collection[str], field: str, step: Step, agency: Sender
) -> SignatureReport:
    """The one signature in ``field`` that was added to a file with signatures in the fields ``before``.

    ``agency`` names the agency with its codes and its signer. Raises :class:`OutsideRefused` with the reason; one whose
    revocation cannot be told now is taken, as everywhere.
    """
    people = [item for item in report.signatures if item.kind is not SignatureKind.TIMESTAMP]
    added = [item for item in people if item.field not in before]
    if {item.field for item in people} & set(before) != set(before):
        raise OutsideRefused(why="một chữ ký có trước không còn trong tệp")
    if not added:
        raise OutsideRefused(why="tệp chưa có thêm chữ ký nào")
    if [item.field for item in added] != [field]:
        raise OutsideRefused(
            why="chữ ký phải nằm đúng một ô đã dành cho cơ quan này, không thêm ô hay chữ ký khác"
        )
    if report.verdict is Verdict.INVALID:
        raise OutsideRefused(why="; ".join(reason.text.rstrip(".") for reason in report.all_reasons[:2]))
    [found] = added
    _require_whose(found, step, agency)
    return found


def _require_whose(found: SignatureReport, step: Step, agency: Sender) -> None:
    name = next(iter(agency.names), "")
    if step is Step.SEAL:
        if found.kind is not SignatureKind.AGENCY or not is_of(found, agency):
            raise OutsideRefused(why=f"chứng thư số là của {found.signer_name}, không phải của {name}")
        return
    said = dict(fits([found], agency))
    if Fit.SIGNER_SIGNED not in said or not found.organization:
        raise OutsideRefused(
            why=f"chứng thư số là của {found.signer_name}, không phải của {agency.signer}, {name}"
        )


def joint_abbreviation(abbreviations: Sequence[str]) -> str:
    """The agencies' part of a joint document's notation: all that issue it, the one that drafts first, joined as
    groups of letters are (NĐ 30/2020 PL I.II.3b, c): ``SNV-STC``."""
    return "-".join(dict.fromkeys(filter(None, abbreviations)))


def is_joint_type(code: str) -> bool:
    """Whether documents of the type are issued by several agencies only (nghị quyết, thông tư liên tịch)."""
    kind = DOCUMENT_TYPES.get(code)
    return kind is not None and kind.family is Family.LEGAL_NORMATIVE and code.endswith("_LIEN_TICH")
