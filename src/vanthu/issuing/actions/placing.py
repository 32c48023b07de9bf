"""The verbs of placing: where number, date, signature and seal go, by hand or left to the system.

The drafter places before submitting, the signer before signing; after the first signature nothing moves.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor
from vanthu.formalities.byhand import PARTNERS, Part, Spots, findings, places_by_hand
from vanthu.formalities.frames import frames_of
from vanthu.formalities.placement import SealForm, refuse_filled
from vanthu.issuing.actions.preparing import draft_version, prepare_draft, seal_form, seal_of, standing
from vanthu.issuing.actions.steps import current_main, require_drafter, require_waiting, touch
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import EDITABLE, NoFileToPlace, PlacesCoverWords, WrongStage, require_stage
from vanthu.records import queries
from vanthu.records.models import Direction, Document, DocumentFile, FileStage, Verb


@action
def place_by_hand(actor: Actor, document_id: UUID, spots: Spots, *, confirmed: bool = False) -> Document:
    """Keep the places that a person chose on the page; one for each part, on the draft's present file.

    Raises PlaceOffPage, PlaceTooSmall, PlacesIncomplete, PlacesOverlap, PLACE_ALREADY_FILLED, and
    :class:`PlacesCoverWords` for a place over printed words that was not ``confirmed``.
    """
    document, draft, main = _placeable(actor, document_id)
    file = draft_version(document, main)
    seal = seal_form(document)
    partners = co_issuers(document)
    spots = _in_real_size(spots, seal, partners)
    with standing(file) as content:
        refuse_filled(content)
        places = places_by_hand(spots, frames_of(content), seal, content, partners=len(partners))
        covered = [finding.text for finding in findings(content, places)]
    if covered and not confirmed:
        raise PlacesCoverWords(covered)
    before = draft.places
    draft.places = {
        "sha256": file.sha256,
        "spots": {part.value: spot.values for part, spot in spots.items()},
        "covers": covered,
    }
    _keep(actor, document, draft, main)
    record(
        actor,
        "issuing.place_by_hand",
        kind="document",
        object_id=document.id,
        data={"before": before, "after": draft.places},
    )
    return document


def _in_real_size(spots: Spots, seal: SealForm, partners: Sequence[CoIssuer]) -> Spots:
    """Each seal is as large as it is, whatever was drawn (NĐ 30/2020 PL I.II.8a)."""
    forms = {Part.SEAL: seal}
    for (_, stamp), one in zip(PARTNERS, partners, strict=False):
        forms[stamp] = seal_of(one.agency_id)
    real = {
        part: replace(spots[part], width=form.width_mm, height=form.height_mm)
        for part, form in forms.items()
        if part in spots
    }
    return {**spots, **real}


@action
def place_by_itself(actor: Actor, document_id: UUID) -> Document:
    """Forget the places chosen by hand: the system finds them on the page. Raises PLACE_NOT_FOUND where it cannot."""
    document, draft, main = _placeable(actor, document_id)
    before, draft.places = draft.places, None
    _keep(actor, document, draft, main)
    record(actor, "issuing.place_by_itself", kind="document", object_id=document.id, data={"before": before})
    return document


def _placeable(actor: Actor, document_id: UUID) -> tuple[Document, Draft, DocumentFile]:
    """The drafter's draft, or the document that waits for this signer."""
    document = queries.locked(actor, document_id, Direction.OUTGOING)
    draft = Draft.objects.select_related("drafter", "unit", "signer__person").get(document=document)
    require_stage(document.state, *EDITABLE, Stage.SUBMITTED)
    if document.state in EDITABLE:
        require_drafter(actor, draft)
        if queries.main_file(document) is None:
            raise NoFileToPlace
    else:
        require_waiting(actor, document, Verb.SIGN, Stage.SUBMITTED)
    main = current_main(document)
    if main.stage == FileStage.SIGNED:
        raise WrongStage(state=Stage(document.state).label)
    return document, draft, main


def _keep(actor: Actor, document: Document, draft: Draft, main: DocumentFile) -> None:
    """Before submission the places wait with the draft; in front of the signer the fields are written anew."""
    draft.document = document
    if document.state == Stage.SUBMITTED:
        prepare_draft(actor, document, draft, main)
    draft.save(update_fields=["places", "placement_notes"])
    touch(document)
