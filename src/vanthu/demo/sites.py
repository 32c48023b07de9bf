"""Who takes part in the demonstration: three sites, their agencies, and the people in them.

Owns names and posts, nothing else; the people do not exist. Refuses to know how any of it is stored
(:mod:`vanthu.demo.seed`) or run (:mod:`vanthu.demo.cluster`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from vanthu.base.actors import Role

DEFAULT_PORT = 8100
PKI_OFFSET = 9
PASSWORD = "vanthu-demo-2026"  # noqa: S105 - printed on the screen when the demonstration starts
NORMATIVE_TYPES = ("NGHI_QUYET_QPPL", "QUYET_DINH_QPPL", "NGHI_DINH", "THONG_TU")
"""Legal normative documents have a sequence of their own (NĐ 30/2020 Đ15.1)."""


@dataclass(frozen=True)
class DemoPerson:
    """A person in one post; ``unit`` is a name out of the agency's units."""

    username: str
    full_name: str
    position: str
    roles: tuple[Role, ...]
    unit: str = ""
    competence: str = ""

    @property
    def slug(self) -> str:
        """Name of the person's certificate in the make-believe authority."""
        return self.username.replace(".", "-")

    @property
    def signs(self) -> bool:
        """Leaders sign, heads of units initial (ký nháy)."""
        return Role.LEADER in self.roles or Role.UNIT_HEAD in self.roles


@dataclass(frozen=True)
class DemoAgency:
    """An agency with its people; ``kind`` is a value of ``directory.AgencyKind``.

    ``encrypts``: it has a key for being encrypted to.
    """

    organ_id: str
    name: str
    abbreviation: str
    place: str
    people: tuple[DemoPerson, ...]
    parent_name: str = ""
    kind: str = "STATE_AGENCY"
    parent_id: str = ""
    units: tuple[tuple[str, str], ...] = ()
    address: str = ""
    email: str = ""
    encrypts: bool = True

    @property
    def slug(self) -> str:
        """Name of the agency's certificate in the make-believe authority."""
        return "con-dau-" + self._number

    @property
    def encryption_slug(self) -> str:
        """Name of the certificate that contents for the agency are encrypted to."""
        return "ma-hoa-" + self._number

    @property
    def _number(self) -> str:
        return self.organ_id.lower().replace(".", "-")


@dataclass(frozen=True)
class DemoSite:
    """A site: one database, one web process, one worker. ``offset`` is added to the demonstration's port."""

    code: str
    name: str
    kind: str
    offset: int
    agencies: tuple[DemoAgency, ...]

    @property
    def system_id(self) -> str:
        """The id under which an agency site is known to the axis: the code of its first agency."""
        return self.agencies[0].organ_id


LEADER, HEAD, CLERK = (Role.LEADER,), (Role.UNIT_HEAD,), (Role.CLERK,)
SPECIALIST, ADMINISTRATOR = (Role.SPECIALIST,), (Role.ADMINISTRATOR,)

_PROVINCE = DemoAgency(
    organ_id="H27",
    name="Ủy ban nhân dân tỉnh Hà Tĩnh",
    abbreviation="UBND",
    place="Hà Tĩnh",
    address="Số 01 đường Nguyễn Tất Thành, phường Thành Sen, tỉnh Hà Tĩnh",
    email="ubnd@hatinh.example",
    units=(("Văn phòng", "VP"), ("Ban Tiếp công dân", "BTCD")),
    people=(
        DemoPerson("ubnd.chutich", "Trần Quốc Thắng", "Chủ tịch", LEADER, competence="TM. ỦY BAN NHÂN DÂN"),
        DemoPerson("ubnd.phochutich", "Lê Thị Hoài An", "Phó Chủ tịch", LEADER, competence="KT. CHỦ TỊCH"),
        DemoPerson(
            "ubnd.chanhvp",
            "Nguyễn Hữu Phước",
            "Chánh Văn phòng",
            HEAD,
            unit="Văn phòng",
            competence="TL. CHỦ TỊCH",
        ),
        DemoPerson("ubnd.vanthu", "Phạm Thị Ngọc Diệp", "Văn thư", CLERK, unit="Văn phòng"),
        DemoPerson("ubnd.chuyenvien", "Đặng Minh Đức", "Chuyên viên", SPECIALIST, unit="Văn phòng"),
        DemoPerson(
            "ubnd.tiepdan", "Hoàng Thị Thúy Quỳnh", "Chuyên viên", SPECIALIST, unit="Ban Tiếp công dân"
        ),
        DemoPerson("ubnd.quantri", "Bùi Anh Tuấn", "Quản trị hệ thống", ADMINISTRATOR, unit="Văn phòng"),
    ),
)
_HOME_AFFAIRS = DemoAgency(
    organ_id="H27.14",
    name="Sở Nội vụ tỉnh Hà Tĩnh",
    parent_name="Ủy ban nhân dân tỉnh Hà Tĩnh",
    parent_id="H27",
    abbreviation="SNV",
    place="Hà Tĩnh",
    address="Số 22 đường Phan Đình Phùng, phường Thành Sen, tỉnh Hà Tĩnh",
    email="sonoivu@hatinh.example",
    units=(("Phòng Văn thư - Lưu trữ", "VTLT"), ("Văn phòng Sở", "VP")),
    people=(
        DemoPerson("snv.giamdoc", "Võ Đình Khải", "Giám đốc", LEADER, competence="GIÁM ĐỐC"),
        DemoPerson(
            "snv.truongphong", "Trịnh Thị Bích Hằng", "Trưởng phòng", HEAD, unit="Phòng Văn thư - Lưu trữ"
        ),
        DemoPerson("snv.vanthu", "Nguyễn Thị Lan Hương", "Văn thư", CLERK, unit="Văn phòng Sở"),
        DemoPerson(
            "snv.chuyenvien", "Phan Đức Mạnh", "Chuyên viên", SPECIALIST, unit="Phòng Văn thư - Lưu trữ"
        ),
        DemoPerson(
            "snv.chuyenvien2", "Hồ Thị Ánh Tuyết", "Chuyên viên", SPECIALIST, unit="Phòng Văn thư - Lưu trữ"
        ),
        DemoPerson("snv.quantri", "Dương Văn Khoa", "Quản trị hệ thống", ADMINISTRATOR, unit="Văn phòng Sở"),
    ),
)
_WARD = DemoAgency(
    organ_id="H27.101",
    name="Ủy ban nhân dân phường Thành Sen",
    parent_name="Ủy ban nhân dân tỉnh Hà Tĩnh",
    parent_id="H27",
    abbreviation="UBND",
    place="Thành Sen",
    address="Số 72 đường Phan Đình Giót, phường Thành Sen, tỉnh Hà Tĩnh",
    email="thanhsen@hatinh.example",
    units=(("Văn phòng HĐND và UBND", "VP"),),
    people=(
        DemoPerson(
            "thanhsen.chutich", "Nguyễn Trọng Hiếu", "Chủ tịch", LEADER, competence="TM. ỦY BAN NHÂN DÂN"
        ),
        DemoPerson("thanhsen.vanthu", "Lê Thị Mỹ Hạnh", "Văn thư", CLERK, unit="Văn phòng HĐND và UBND"),
        DemoPerson(
            "thanhsen.chuyenvien",
            "Trần Đình Sơn",
            "Công chức Địa chính",
            SPECIALIST,
            unit="Văn phòng HĐND và UBND",
        ),
        DemoPerson("thanhsen.quantri", "Nguyễn Thế Vinh", "Quản trị hệ thống", ADMINISTRATOR),
    ),
)
_WATER = DemoAgency(
    organ_id="3000100001",
    encrypts=False,
    name="Công ty cổ phần Cấp nước Hà Tĩnh",
    abbreviation="CTCN",
    kind="STATE_ENTERPRISE",
    place="Hà Tĩnh",
    address="Số 10 đường Nguyễn Hữu Thái, phường Thành Sen, tỉnh Hà Tĩnh",
    email="capnuoc@hatinh.example",
    units=(("Phòng Tổ chức - Hành chính", "TCHC"),),
    people=(
        DemoPerson("capnuoc.giamdoc", "Đào Quang Huy", "Tổng Giám đốc", LEADER, competence="TỔNG GIÁM ĐỐC"),
        DemoPerson("capnuoc.vanthu", "Mai Thị Thu Thảo", "Văn thư", CLERK, unit="Phòng Tổ chức - Hành chính"),
        DemoPerson(
            "capnuoc.chuyenvien",
            "Ngô Xuân Trường",
            "Chuyên viên",
            SPECIALIST,
            unit="Phòng Tổ chức - Hành chính",
        ),
        DemoPerson("capnuoc.quantri", "Cao Bá Lộc", "Quản trị hệ thống", ADMINISTRATOR),
    ),
)
_GOVERNMENT_OFFICE = DemoAgency(
    organ_id="G22",
    name="Văn phòng Chính phủ",
    abbreviation="VPCP",
    place="Hà Nội",
    address="Số 01 đường Hoàng Hoa Thám, phường Ba Đình, thành phố Hà Nội",
    email="vanphong@vpcp.example",
    units=(("Vụ Hành chính", "HC"), ("Vụ Nội chính", "NC")),
    people=(
        DemoPerson("vpcp.chunhiem", "Vũ Đức Thịnh", "Chủ nhiệm", LEADER, competence="BỘ TRƯỞNG, CHỦ NHIỆM"),
        DemoPerson("vpcp.vutruong", "Lương Thị Kim Oanh", "Vụ trưởng", HEAD, unit="Vụ Nội chính"),
        DemoPerson("vpcp.vanthu", "Tạ Thị Hồng Nhung", "Văn thư", CLERK, unit="Vụ Hành chính"),
        DemoPerson("vpcp.chuyenvien", "Đinh Công Thành", "Chuyên viên", SPECIALIST, unit="Vụ Nội chính"),
        DemoPerson("vpcp.quantri", "Kiều Văn Phú", "Quản trị hệ thống", ADMINISTRATOR, unit="Vụ Hành chính"),
    ),
)
_AXIS_OPERATOR = DemoAgency(
    organ_id="TRUC",
    name="Đơn vị vận hành trục liên thông",
    abbreviation="TRUC",
    kind="PUBLIC_SERVICE_UNIT",
    place="Hà Nội",
    people=(DemoPerson("truc.vanhanh", "Lâm Gia Bảo", "Vận hành trục", (Role.OPERATOR,)),),
)

AXIS = DemoSite("truc", "Trục liên thông văn bản", "axis", 0, (_AXIS_OPERATOR,))
HA_TINH = DemoSite("hatinh", "Tỉnh Hà Tĩnh", "agency", 1, (_PROVINCE, _HOME_AFFAIRS, _WARD, _WATER))
GOVERNMENT_OFFICE = DemoSite("vpcp", "Văn phòng Chính phủ", "agency", 2, (_GOVERNMENT_OFFICE,))
SITES = (AXIS, HA_TINH, GOVERNMENT_OFFICE)
AGENCY_SITES = (HA_TINH, GOVERNMENT_OFFICE)


def site_of(code: str) -> DemoSite:
    """The site that goes by this code; raises ``KeyError``."""
    return {site.code: site for site in SITES}[code]


def signers() -> Iterator[tuple[DemoAgency, DemoPerson]]:
    """Everybody who has a certificate, with the agency."""
    for site in AGENCY_SITES:
        for agency in site.agencies:
            for person in agency.people:
                if person.signs:
                    yield agency, person


def sealing_agencies() -> Iterator[DemoAgency]:
    """Every agency that has a seal certificate."""
    for site in AGENCY_SITES:
        yield from site.agencies
