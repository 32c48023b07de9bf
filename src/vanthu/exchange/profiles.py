"""How packets look for one axis: type numbers, spelling of identifiers, accepted lengths, size. Rules as data.

Axes differ in what they take (QCVN 102:2016 leaves Type and SteeringType open, and older axes know only 13
characters of an identifier). Owns the built-in profiles and what they do to a packet; an axes file may add
profiles of its own. Refuses to know which axes a site has (``axes``) and to query anything.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel, ConfigDict, Field

from vanthu.cms import Cipher
from vanthu.edxml.model import DocumentPacket
from vanthu.formalities import Steering
from vanthu.identifiers import CodeKind, parse


class TypeNumbers(StrEnum):
    """How DocumentType is written (both readings are in use on real axes)."""

    STANDARD = "standard"
    """Type 1 or 2 and the number within that list as TypeDetail (QCVN 102:2016)."""

    FLAT = "flat"
    """Type is the number within the list, TypeDetail 0."""


class Spelling(StrEnum):
    """Which of an agency's identifiers is written."""

    LISTED = "listed"
    """As the axis lists the agency; else the one in force."""

    QD20 = "qd20"
    """By QĐ 20/2020/QĐ-TTg (``H27.150``)."""

    QCVN = "qcvn"
    """The 13 characters of QCVN 102:2016 (``000.00.15.H27``)."""


class Lengths(BaseModel):
    """Most characters of a field; an axis may take less than the standard, never more."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    organ_id: int = Field(35, ge=1, le=35)
    document_id: int = Field(200, ge=1, le=200)
    code_number: int = Field(11, ge=1, le=11)
    code_notation: int = Field(30, ge=1, le=30)
    place: int = Field(50, ge=1, le=50)
    type_name: int = Field(100, ge=1, le=100)
    subject: int = Field(500, ge=1, le=500)
    content: int = Field(500, ge=1, le=500)
    signer_competence: int = Field(100, ge=1, le=100)
    signer_position: int = Field(100, ge=1, le=100)
    signer_name: int = Field(50, ge=1, le=50)
    to_place: int = Field(150, ge=1, le=150)
    attachment_name: int = Field(500, ge=1, le=500)


class SteeringNumbers(BaseModel):
    """Which ``SteeringType`` an axis reads for what; None: it knows no number for it and nothing is written."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    ordinary: int | None = Field(None, ge=0, le=99)
    steering: int | None = Field(None, ge=0, le=99)
    report: int | None = Field(None, ge=0, le=99)

    def number(self, meaning: Steering) -> int | None:
        """What to write; an ordinary document says nothing, for the element may be left out."""
        return {Steering.STEERING: self.steering, Steering.REPORT: self.report}.get(meaning)

    def meaning(self, number: int) -> Steering | None:
        """What a number that came says on this axis; None for one that the axis does not define."""
        known = {self.report: Steering.REPORT, self.steering: Steering.STEERING}
        return {**known, self.ordinary: Steering.ORDINARY}.get(number)


class Profile(BaseModel):
    """What one axis takes. Steering numbers that it does not define are shown as numbers."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    types: TypeNumbers = TypeNumbers.STANDARD
    identifiers: Spelling = Spelling.LISTED
    lengths: Lengths = Lengths()
    steering: SteeringNumbers = SteeringNumbers(ordinary=1, steering=2, report=3)
    max_packet_mb: int = Field(1024, ge=1, le=1024, description="whole packet, MB of 1,048,576 bytes")
    encryption: Cipher = Field(
        Cipher.AES_256_GCM,
        description="how files are encrypted: aes256_gcm, or aes256_cbc for older software",
    )


STANDARD = Profile()
BUILT_IN: Mapping[str, Profile] = {
    "standard": STANDARD,
    "flat": Profile(types=TypeNumbers.FLAT, steering=SteeringNumbers(ordinary=0, steering=1, report=2)),
    "qcvn-2016": Profile(identifiers=Spelling.QCVN, lengths=Lengths(organ_id=13)),
}
"""By name: the standard's reading, the flat one, and an axis from before Sửa đổi 1:2022 QCVN 102:2016."""


@dataclass(frozen=True)
class TooLong:
    """One field that an axis would not take: whose, and how long it may be (characters)."""

    label: str
    value: str
    limit: int


def spell(profile: Profile, codes: Sequence[str], listed: str = "") -> str:
    """The identifier to write for an agency; empty when it has none.

    ``codes`` are all its identifiers, the one in force first; ``listed`` as the axis names it.
    """
    wanted = {Spelling.QD20: CodeKind.QD20, Spelling.QCVN: CodeKind.QCVN_2016}.get(profile.identifiers)
    fitting = (code for code in codes if parse(code).kind is wanted)
    return next(fitting, "") or listed or next(iter(codes), "")


def written_for(profile: Profile, packet: DocumentPacket) -> DocumentPacket:
    """The packet with the numbers this axis reads (the names stay, for they are what readers trust)."""
    if profile.steering != STANDARD.steering and packet.steering_type is not None:
        meaning = STANDARD.steering.meaning(packet.steering_type)
        packet = replace(packet, steering_type=profile.steering.number(meaning) if meaning else None)
    if profile.types is TypeNumbers.FLAT and packet.type_detail is not None:
        return replace(packet, type=packet.type_detail, type_detail=0)
    return packet


def too_long(profile: Profile, packet: DocumentPacket) -> list[TooLong]:
    """The fields that this axis would refuse for their length."""
    return [TooLong(*field) for field in _measured(profile.lengths, packet) if len(field[1]) > field[2]]


def _measured(most: Lengths, packet: DocumentPacket) -> Iterator[tuple[str, str, int]]:
    signer = packet.signer
    yield "mã định danh của cơ quan gửi", packet.sender.organ_id, most.organ_id
    for recipient in packet.recipients:
        yield f"mã định danh của “{recipient.organ_name}”", recipient.organ_id, most.organ_id
    yield "mã định danh văn bản", packet.document_id, most.document_id
    yield "số văn bản", packet.code_number, most.code_number
    yield "ký hiệu văn bản", packet.code_notation, most.code_notation
    yield "địa danh", packet.place, most.place
    yield "tên loại văn bản", packet.type_name, most.type_name
    yield "trích yếu", packet.subject, most.subject
    yield "nội dung tóm tắt", packet.content, most.content
    yield "thẩm quyền ký", signer.competence, most.signer_competence
    yield "chức vụ người ký", signer.position, most.signer_position
    yield "họ tên người ký", signer.full_name, most.signer_name
    for place in packet.to_places:
        yield "nơi nhận", place, most.to_place
    for attachment in packet.attachments:
        yield "tên tệp đính kèm", attachment.name, most.attachment_name
