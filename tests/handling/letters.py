"""Letters that are out already, without the minutes of drafting and signing: what recalls need, cheap to make."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

from tests import world as worlds

from vanthu.audit.ledger import action, record
from vanthu.base import clock
from vanthu.directory import queries as directory
from vanthu.directory.models import Agency, AgencyIdentifier
from vanthu.edxml.media import media_type
from vanthu.encryption.models import Choice, Without
from vanthu.exchange import outbox
from vanthu.issuing.models import Draft, DraftRecipient, Stage
from vanthu.records import files, numbers
from vanthu.records.models import Capacity, Direction, Document, FileKind, FileStage, LinkKind
from vanthu.records.participants import include

_numbers = itertools.count(1)


@action
def issued(
    office: worlds.Office,
    recipients: Sequence[Agency],
    *,
    subject: str = "Rà soát công tác chuyển đổi số",
    replaces: Sequence[Document] = (),
    recall_left_out: bool = True,
    encrypted: Without | None = None,
    attached: Sequence[tuple[str, bytes]] = (),
) -> Document:
    """An issued letter of the office on its way; what replaces others says so in its packet.

    ``attached``: names and contents of the files instead of the usual letter, the main one first.

    ``encrypted``: somebody chose encryption, and this for those without a certificate.
    """
    from vanthu.issuing.actions.recalling import replace_earlier, replacement_details

    number = next(_numbers)
    document = Document.objects.create(
        agency=office.agency,
        direction=Direction.OUTGOING,
        state=Stage.ISSUED,
        type_code="CONG_VAN",
        subject=subject,
        number=number,
        notation="UBND-VP",
        code=f"{number:02}/UBND-VP",
        issued_date=date(2026, 11, 20),
        issue_place="Hà Tĩnh",
        issuer_name=office.agency.name,
        issuer_organ_id=office.agency.organ_id,
        document_id=f"{office.agency.organ_id},2026/11/20,{number:02}/UBND-VP",
        signer_name=office.posts["leader"].person.full_name,
        signer_position=office.posts["leader"].position,
        distribution=["Như trên", "Lưu: VT"],
        page_count=1,
        created_at=clock.now(),
        changed_at=clock.now(),
    )
    drafter, signer = office.posts["specialist"], office.posts["leader"]
    Draft.objects.create(document=document, drafter=drafter, signer=signer, recall_left_out=recall_left_out)
    letter = ("cong-van.pdf", worlds.official_letter(office))
    for ordinal, (name, content) in enumerate(attached or [letter]):
        files.add_version(
            document,
            content,
            kind=FileKind.ANNEX if ordinal else FileKind.MAIN,
            stage=FileStage.SEALED,
            name=name,
            actor=office.clerk,
            media_type=media_type(name),
            ordinal=max(ordinal - 1, 0),
        )
    include(document, drafter.pk, Capacity.DRAFTER)
    include(document, signer.pk, Capacity.SIGNER)
    include(document, directory.registry_of(office.agency.pk), Capacity.REGISTRY)
    book = numbers.register_for(office.agency.pk, Direction.OUTGOING, "CONG_VAN")
    numbers.take_number(book, document, office.clerk)
    for agency in recipients:
        DraftRecipient.objects.create(document=document, agency=agency)
    if encrypted is not None:
        Choice.objects.create(document=document, without=encrypted, by=drafter, at=clock.now())
    for old in replaces:
        document.links.create(target=old, kind=LinkKind.REPLACES)
    outbox.dispatch(
        document,
        recipients,
        actor=office.clerk,
        packet_details=replacement_details(document, recipients),
    )
    replace_earlier(office.clerk, document, recipients)
    record(office.clerk, "issuing.dispatch", kind="document", object_id=document.pk)
    return document


def somebody_on_paper() -> Agency:
    """An agency without an identifier, to which paper goes."""
    return Agency.objects.create(
        name="Hội Người cao tuổi", hosted=False, ready=False, address="12 Hùng Vương"
    )


def another_office(name: str = "Sở Tài chính", code: str = "H27.09") -> Agency:
    """A further agency on this site."""
    agency = Agency.objects.create(name=name, abbreviation="STC", hosted=True)
    AgencyIdentifier.objects.create(agency=agency, code=code)
    return agency
