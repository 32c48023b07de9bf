"""Making a draft ready for its signatures: its places, chosen by a person or found on the page, and the empty fields.

Called inside ``submit`` and when places change before the signature. Refuses a draft whose places nobody knows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import BinaryIO
from uuid import UUID

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.blobs import store
from vanthu.blobs.working import working_file
from vanthu.formalities.archival import archival, remark
from vanthu.formalities.byhand import Part, Spots, places_by_hand
from vanthu.formalities.frames import Spot, frames_of
from vanthu.formalities.placement import (
    FoundPartner,
    SealForm,
    find_or_make_places,
    find_partners,
    refuse_filled,
)
from vanthu.formalities.reading import read_front_page
from vanthu.formalities.upright import upright_into
from vanthu.issuing.actions.steps import SIGNER_FIELD
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers
from vanthu.issuing.joint_rules import PartnerPlaceMissing
from vanthu.issuing.models import Draft
from vanthu.issuing.queries import issuer_abbreviation
from vanthu.issuing.rules import notation_for
from vanthu.pades import Places, prepare_into
from vanthu.pades.opening import Pdf
from vanthu.pades.places import PartnerPlace
from vanthu.records import files
from vanthu.records.models import Document, DocumentFile, FileKind, FileStage
from vanthu.signing import service
from vanthu.signing.authority_queries import competence_of
from vanthu.signing.authority_queries import remarks as authority_remarks
from vanthu.signing.authority_rules import Paper


def prepare_draft(actor: Actor, document: Document, draft: Draft, main: DocumentFile) -> None:
    """Write the empty fields into a clean copy of the draft; the draft version itself stays.

    Raises PLACE_NOT_FOUND where no words show the places and nobody pointed at them, PLACE_ALREADY_FILLED.
    """
    assert draft.signer is not None
    draft_file = draft_version(document, main)
    with standing(draft_file) as content, working_file() as made:
        places, notes = _places(draft, draft_file, content)
        notes += _notation_note(document, draft, content)
        notes += filter(None, [remark(archival(content))])
        with made.open("r+b") as target:
            prepare_into(content, target, places, signers=[SIGNER_FIELD])
        prepared = files.add_version(
            document,
            made,
            kind=FileKind.MAIN,
            stage=FileStage.PREPARED,
            name=draft_file.name,
            actor=actor,
            source=draft_file,
        )
    paper = Paper(document.type_code, str(draft.unit_id or ""), str(draft.field_id or ""))
    draft.placement_notes = [
        *notes,
        *authority_remarks(draft.signer, paper, prepared.sha256),
        *_partner_remarks(document, prepared),
    ]
    document.signer_name = draft.signer.person.full_name
    document.signer_position = draft.signer.position
    document.signer_competence = competence_of(draft.signer, paper, prepared.sha256)


@contextmanager
def standing(file: DocumentFile) -> Iterator[BinaryIO]:
    """The stored draft, open for reading, with its pages upright; in a file of its own where they had to be turned.

    Raises BlobMissing, BlobDamaged, SignedAlready, UnreadablePdf.
    """
    with store.open_whole(file.sha256) as kept, working_file() as path, path.open("r+b") as turned:
        yield turned if upright_into(kept, turned) else kept


def draft_version(document: Document, main: DocumentFile) -> DocumentFile:
    """The newest draft version: after a return the prepared copy is current, but never prepared again."""
    if main.stage == FileStage.DRAFT:
        return main
    drafts = document.files.filter(kind=FileKind.MAIN, stage=FileStage.DRAFT)
    return drafts.order_by("-version")[0]


def seal_form(document: Document) -> SealForm:
    """What the agency's seal needs on a page."""
    return seal_of(document.agency_id)


def seal_of(agency_id: UUID) -> SealForm:
    """What an agency's seal needs on a page; the common size for one whose seal is not known here."""
    size = service.seal_size(agency_id)
    return SealForm(size.width_mm, size.height_mm, bool(service.profile().agency_seal.lines))


def spots_kept(draft: Draft, draft_file: DocumentFile) -> Spots | None:
    """The spots that somebody chose on this very file; None when nobody did, or another file took its place."""
    kept = draft.places
    if not kept or kept["sha256"] != draft_file.sha256:
        return None
    return {Part(name): Spot(int(values[0]), *values[1:]) for name, values in kept["spots"].items()}


def _places(draft: Draft, draft_file: DocumentFile, content: Pdf) -> tuple[Places, list[str]]:
    """By hand where somebody pointed at them, else where the page shows them; and what to look at."""
    seal, spots = seal_form(draft.document), spots_kept(draft, draft_file)
    partners = co_issuers(draft.document)
    if spots is not None:
        refuse_filled(content)
        by_hand = places_by_hand(spots, frames_of(content), seal, content, partners=len(partners))
        return by_hand, []
    assert draft.signer is not None
    found = find_or_make_places(content, signer_name=draft.signer.person.full_name, seal=seal)
    notes = [note.text for note in found.notes if not (partners and note.code == "JOINT_DOCUMENT")]
    return replace(found.places, partners=_partner_places(partners, content)), notes


def _partner_places(partners: Sequence[CoIssuer], content: Pdf) -> tuple[PartnerPlace, ...]:
    """The blocks of the other agencies' signers, each found by its name."""
    found = partner_blocks(partners, content)
    lost = [one.signer_name for one, place in zip(partners, found, strict=True) if place is None]
    if lost:
        raise PartnerPlaceMissing(names=", ".join(lost))
    return tuple(place.place for place in found if place is not None)


def _partner_remarks(document: Document, prepared: DocumentFile) -> list[str]:
    """What the authority of the other agencies' signers of this site would say at their signatures."""
    paper = Paper(document.type_code, "")
    return [
        f"{one.signer_name}: {text}"
        for one in co_issuers(document)
        if one.post is not None
        for text in authority_remarks(one.post, paper, prepared.sha256)
    ]


def partner_blocks(partners: Sequence[CoIssuer], content: Pdf) -> list[FoundPartner | None]:
    """Where the page shows the blocks of the other agencies' signers; None for those that it does not."""
    wanted = [(one.signer_name, seal_of(one.agency_id)) for one in partners]
    return find_partners(content, wanted) if wanted else []


def _notation_note(document: Document, draft: Draft, content: Pdf) -> list[str]:
    """A remark when the notation printed on the page is not the one that the register will give."""
    printed = read_front_page(content).notation
    given = notation_for(
        document.type_code,
        issuer_abbreviation(document),
        draft.unit.abbreviation if draft.unit else "",
        clock.today().year,
    )
    if not printed or printed == given:
        return []
    return [f"Ký hiệu in trên trang là “{printed}”, nhưng sổ sẽ cấp ký hiệu “{given}”; hãy sửa cho khớp."]
