"""Joint documents of the tests: the province drafts, its department issues them with it."""

from __future__ import annotations

from collections.abc import Sequence

from tests import world as worlds

from vanthu.base.actors import Role
from vanthu.demo import samples
from vanthu.directory.models import Agency, AgencyIdentifier, Person, Post
from vanthu.issuing import actions
from vanthu.issuing.joint_rules import CoIssuerData
from vanthu.issuing.rules import DraftData
from vanthu.issuing.uploads import check_upload
from vanthu.records.models import Direction, Document, Register


def page(world: worlds.World, partners: Sequence[samples.Letterhead] | None = None) -> bytes:
    """A plan with a block for each signer."""
    other = worlds.letterhead(world.department, world.department.posts["leader"])
    return samples.document(
        "KE_HOACH",
        letterhead=worlds.letterhead(world.province, world.province.posts["leader"]),
        subject="Phối hợp chuyển đổi số",
        paragraphs=("Các cơ quan phối hợp thực hiện.",),
        year=2026,
        partners=(other,) if partners is None else partners,
    )


def draft(world: worlds.World, recipients: Sequence[Agency] = ()) -> Document:
    """The plan without anybody else named yet."""
    office = world.province
    data = DraftData(
        type_code="KE_HOACH",
        subject="Phối hợp chuyển đổi số",
        signer_id=str(office.posts["leader"].pk),
        recipient_ids=[str(agency.pk) for agency in recipients],
    )
    document = actions.create_draft(office.specialist, data)
    actions.attach_main(office.specialist, document.pk, check_upload("ke-hoach.pdf", page(world)))
    return document


def with_department(world: worlds.World, recipients: Sequence[Agency] = ()) -> Document:
    """Named: the department's director signs too."""
    document = draft(world, recipients)
    post = world.department.posts["leader"]
    data = CoIssuerData(agency_id=str(world.department.agency.pk), post_id=str(post.pk))
    actions.add_co_issuer(world.province.specialist, document.pk, data)
    return document


def submitted(world: worlds.World, recipients: Sequence[Agency] = ()) -> Document:
    """In front of both leaders."""
    document = with_department(world, recipients)
    return actions.submit(world.province.specialist, document.pk)


def third_clerk() -> Post:
    """The clerk of one more agency of the site, which has no part in the plan."""
    agency = Agency.objects.create(name="Sở Tài chính tỉnh Hà Tĩnh", abbreviation="STC", hosted=True)
    AgencyIdentifier.objects.create(agency=agency, code="H27.15")
    Register.objects.create(agency=agency, direction=Direction.INCOMING, name="Sổ văn bản đến")
    person = Person.objects.create_user("van-thu-stc", worlds.PASSWORD, full_name="Trần Thị Ba")
    return Post.objects.create(person=person, agency=agency, position="Văn thư", roles=[Role.CLERK.value])
