"""Who does something: a person in a post of an agency at this moment, or the system itself."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from uuid import UUID

from vanthu.errors import VanthuError


class Role(str, Enum):
    """What a post may do in its agency (NĐ 30/2020 Đ6)."""

    SPECIALIST = "SPECIALIST"
    UNIT_HEAD = "UNIT_HEAD"
    LEADER = "LEADER"
    CLERK = "CLERK"
    ADMINISTRATOR = "ADMINISTRATOR"
    OPERATOR = "OPERATOR"


@dataclass(frozen=True)
class Actor:
    """The acting post, as it is written into the audit event of what it does.

    ``principals`` are the keys under which the person takes part in documents: the post's own and one per role.
    """

    agency_id: UUID
    name: str
    position: str = ""
    post_id: UUID | None = None
    person_id: UUID | None = None
    unit_id: UUID | None = None
    unit_name: str = ""
    agency_name: str = ""
    roles: frozenset[Role] = frozenset()
    principals: tuple[UUID, ...] = field(default=())
    address: str = ""

    @property
    def is_system(self) -> bool:
        """True for background work, which acts for the agency and for no person."""
        return self.post_id is None

    @property
    def own_post(self) -> UUID:
        """The post's key; asking the system for one is a programming fault."""
        if self.post_id is None:
            raise TypeError("the system holds no post")
        return self.post_id

    def has(self, role: Role) -> bool:
        """Whether the post holds the role."""
        return role in self.roles

    def require(self, role: Role) -> None:
        """Raise :class:`RoleRequired` unless the post holds the role."""
        if role not in self.roles:
            raise RoleRequired(role=ROLE_NAMES[role])


ROLE_NAMES = {
    Role.SPECIALIST: "chuyên viên",
    Role.UNIT_HEAD: "lãnh đạo đơn vị",
    Role.LEADER: "lãnh đạo cơ quan",
    Role.CLERK: "văn thư",
    Role.ADMINISTRATOR: "quản trị",
    Role.OPERATOR: "vận hành trục",
}


class NotYours(VanthuError):
    """The document does not exist for this person; the same answer whether it exists or not."""

    code = "NOT_FOUND"
    message = "Không tìm thấy văn bản, hoặc văn bản không thuộc phạm vi xử lý của bạn."
    http_status = 404


class RoleRequired(VanthuError):
    """The step belongs to another role."""

    code = "ROLE_REQUIRED"
    message = "Việc này do {role} thực hiện."
    rule = "NĐ 30/2020 Đ6"
    http_status = 403


class NotYourStep(VanthuError):
    """The document waits for somebody else, or is in another state."""

    code = "NOT_YOUR_STEP"
    message = "Văn bản đang ở trạng thái “{state}”, chưa thể {verb}."
    http_status = 409


def system_actor(agency_id: UUID, name: str = "Hệ thống") -> Actor:
    """The actor of background work for an agency."""
    return Actor(agency_id=agency_id, name=name)
