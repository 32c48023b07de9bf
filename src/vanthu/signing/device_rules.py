"""Pure decisions about key devices: who may keep one, what may follow from which state, who may use a key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from vanthu.base.actors import Role
from vanthu.errors import MustAct, VanthuError
from vanthu.signing.device_models import DeviceState

_FOLLOWS = {
    DeviceState.UNASSIGNED: {
        DeviceState.IN_USE,
        DeviceState.LOST,
        DeviceState.DESTROYED,
    },
    DeviceState.IN_USE: {DeviceState.IN_USE, DeviceState.RETURNED, DeviceState.LOST},
    DeviceState.RETURNED: {DeviceState.IN_USE, DeviceState.LOST, DeviceState.DESTROYED},
    DeviceState.LOST: {DeviceState.REVOKED},
    DeviceState.REVOKED: {DeviceState.DESTROYED},
    DeviceState.DESTROYED: set(),
}
KEEPING_BOOKS = (Role.CLERK, Role.ADMINISTRATOR)
"""Who keeps the register of devices."""


class DeviceUnknown(VanthuError):
    """No such device in the agency, or it is not for this person to see."""

    code = "KEY_DEVICE_NOT_FOUND"
    message = "Không tìm thấy thiết bị lưu khóa này trong sổ của cơ quan."
    http_status = 404


class DeviceRegistered(VanthuError):
    """A serial number stands in the register once."""

    code = "KEY_DEVICE_REGISTERED"
    message = "Thiết bị số hiệu {serial} đã có trong sổ."
    must_act = MustAct.ADMINISTRATOR


class DeviceStep(VanthuError):
    """The device's state does not allow this."""

    code = "KEY_DEVICE_STATE"
    message = "Thiết bị đang ở trạng thái “{state}” nên không thực hiện được việc này."
    rule = "NĐ 30/2020 Đ32"
    http_status = 409


class NotKeeper(VanthuError):
    """The register is kept by clerk and administrator; a device is handed over by who has it."""

    code = "KEY_DEVICE_NOT_YOURS"
    message = "Việc này do văn thư, quản trị của cơ quan hoặc người đang giữ thiết bị thực hiện."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ32"
    http_status = 403


class ClerkOnly(VanthuError):
    """The agency's device is kept by its clerk."""

    code = "AGENCY_DEVICE_CLERK_ONLY"
    message = "Thiết bị lưu khóa của cơ quan chỉ giao cho văn thư; {name} không phải văn thư của cơ quan."
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 Đ32.1"


class PermissionMissing(VanthuError):
    """No hand-over of the agency's device without a written permission."""

    code = "HANDOVER_WITHOUT_PERMISSION"
    message = "Hãy ghi văn bản cho phép bàn giao thiết bị của cơ quan (số, ngày, người ký)."
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 Đ32.2.b"


class RegulationMissing(VanthuError):
    """A person's device is the person's to keep, unless the agency's regulation says who else."""

    code = "HANDOVER_WITHOUT_REGULATION"
    message = (
        "Cá nhân tự giữ thiết bị của mình; giao cho người khác phải ghi quy chế văn thư của cơ quan cho phép."
    )
    must_act = MustAct.LEADER
    rule = "NĐ 30/2020 Đ32.3; QĐ 33/2019/QĐ-UBND Đ4.2"


class HandoverOpen(VanthuError):
    """One hand-over at a time."""

    code = "HANDOVER_OPEN"
    message = "Đang có một lần bàn giao thiết bị này chờ xác nhận; hãy xác nhận hoặc hủy lần ấy trước."
    http_status = 409


class HandoverUnknown(VanthuError):
    """No open hand-over that this person could confirm or cancel."""

    code = "HANDOVER_NOT_FOUND"
    message = "Không có lần bàn giao nào chờ bạn xác nhận ở đây."
    http_status = 404


class ReasonMissing(VanthuError):
    """What is kept for ever says why."""

    code = "DEVICE_REASON_MISSING"
    message = "Hãy ghi lý do; nội dung này được lưu cùng sổ thiết bị."


class KeyStopped(VanthuError):
    """The key was replaced, returned, revoked or lost; nothing is signed with it any more."""

    code = "KEY_NOT_ACTIVE"
    message = "Khóa ký số này không dùng được nữa: {why}. Quản trị của cơ quan cần đăng ký khóa khác."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 23/2025 Đ15"
    http_status = 409


class KeyRevoked(VanthuError):
    """The certification authority has revoked the certificate."""

    code = "KEY_CERTIFICATE_REVOKED"
    message = "Chứng thư số {serial} đã bị thu hồi nên không ký được; hãy đề nghị cấp chứng thư mới."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 23/2025 Đ15"
    http_status = 409


class SignatureInDoubt(VanthuError):
    """The leader's device was lost when this was signed."""

    code = "SIGNATURE_IN_DOUBT"
    message = (
        "Văn bản được ký bằng thiết bị sau khi thiết bị bị mất. Hãy rà soát chữ ký trên trang của thiết bị; chỉ đóng "
        "dấu khi đúng người có thẩm quyền đã ký."
    )
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ32.2.d"
    http_status = 409


class WithoutCustodian(VanthuError):
    """Nobody was given the agency's device, so nobody may seal with it."""

    code = "AGENCY_KEY_WITHOUT_CUSTODIAN"
    message = "Thiết bị lưu khóa của cơ quan chưa được giao cho văn thư nào; quản trị cần ghi sổ, lập biên bản giao."
    must_act = MustAct.ADMINISTRATOR
    rule = "NĐ 30/2020 Đ32.1"
    http_status = 409


class NotCustodian(VanthuError):
    """Only the clerk who keeps the device seals with it, in person."""

    code = "AGENCY_KEY_OTHER_CUSTODIAN"
    message = "Thiết bị lưu khóa của cơ quan do {holder} giữ và tự tay ký số; muốn ký thay, hãy bàn giao có biên bản."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ32.2"
    http_status = 403


@dataclass(frozen=True)
class HandoverData:
    """What a hand-over says beside who gives to whom."""

    permission: str = ""
    regulation: str = ""
    place: str = ""
    condition: str = ""


NOTHING_SAID = HandoverData()


def require_step(state: str, to: DeviceState) -> None:
    """Raise :class:`DeviceStep` unless a device may go from one state to the other."""
    if to not in _FOLLOWS[DeviceState(state)]:
        raise DeviceStep(state=DeviceState(state).label)


def may_follow(state: str, to: DeviceState) -> bool:
    """Whether a device may go from one state to the other."""
    return to in _FOLLOWS[DeviceState(state)]


def require_keepable(
    *, of_agency: bool, owner_takes: bool, taker_roles: Collection[str], taker: str, said: HandoverData
) -> None:
    """Who may be given a device, on what paper (NĐ 30/2020 Đ32).

    Raises :class:`ClerkOnly`, :class:`PermissionMissing`, :class:`RegulationMissing`.
    """
    if of_agency and Role.CLERK.value not in taker_roles:
        raise ClerkOnly(name=taker)
    if of_agency and not said.permission.strip():
        raise PermissionMissing
    if not of_agency and not owner_takes and not said.regulation.strip():
        raise RegulationMissing


@dataclass(frozen=True)
class Possession:
    """What decides whether a key may be used now; ``holder`` is the custodian's name, empty when nobody is."""

    of_agency: bool
    active: bool
    stopped_because: str = ""
    revoked: bool = False
    serial: str = ""
    device_state: str = ""
    holder: str = ""
    held_by_actor: bool = False


def require_usable(key: Possession) -> None:
    """Raise unless the key may sign now, by this person (NĐ 30/2020 Đ32; NĐ 23/2025 Đ15).

    Raises :class:`KeyStopped`, :class:`KeyRevoked`, :class:`DeviceStep`, :class:`WithoutCustodian`,
    :class:`NotCustodian`.
    """
    if not key.active:
        raise KeyStopped(why=key.stopped_because or "đã ngừng sử dụng")
    if key.revoked:
        raise KeyRevoked(serial=key.serial)
    if key.device_state and key.device_state not in {DeviceState.IN_USE, DeviceState.UNASSIGNED}:
        raise DeviceStep(state=DeviceState(key.device_state).label)
    if not key.of_agency:
        return
    if not key.holder:
        raise WithoutCustodian
    if not key.held_by_actor:
        raise NotCustodian(holder=key.holder)
