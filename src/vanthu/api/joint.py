"""The verbs of joint documents for other software: who issues one together, the other agencies' steps. Thin.

Signing and refusing are the ordinary doors (``outgoing``): they know whose block it is.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status, UploadedFile

from vanthu.api.outgoing import Passphrase, Reason
from vanthu.api.schemas import CoIssuerOut, DocumentOut
from vanthu.issuing import actions, joint_queries, preview
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_rules import CoIssuerData
from vanthu.issuing.uploads import require_size
from vanthu.records import queries
from vanthu.records.models import Direction, Document
from vanthu.web.middleware import actor as acting

router = Router(tags=["joint documents"])


class CoIssuerIn(Schema):
    """One more agency: a post of it when it is on this site, else the names as printed."""

    agency_id: UUID
    post_id: str = ""
    signer_name: str = ""
    signer_position: str = ""
    signer_competence: str = ""

    def entered(self) -> CoIssuerData:
        """The values for the action."""
        return CoIssuerData(**{**self.model_dump(), "agency_id": str(self.agency_id)})


class OrderIn(Schema):
    """The order of the agencies (keys of ``co_issuers``), and whether they sign one after the other."""

    order: list[UUID] = []
    in_order: bool = False


class ComingOut(Schema):
    """What will come onto a page; measures are shares of its width and height."""

    part: str
    label: str
    page: int
    left: float
    top: float
    width: float
    height: float


@router.post("/documents/{document_id}/co-issuers", response={201: CoIssuerOut})
def add(request: HttpRequest, document_id: UUID, entered: CoIssuerIn) -> Status[dict[str, Any]]:
    """The drafter names one more agency, the last in order."""
    return Status(201, described(actions.add_co_issuer(acting(request), document_id, entered.entered())))


@router.put("/documents/{document_id}/co-issuers", response=list[CoIssuerOut])
def arrange(request: HttpRequest, document_id: UUID, wanted: OrderIn) -> list[dict[str, Any]]:
    """The drafter settles in which order the agencies sign."""
    actor = acting(request)
    found = actions.arrange_co_issuers(actor, document_id, wanted.order, in_order=wanted.in_order)
    return [described(one) for one in found]


@router.delete("/documents/{document_id}/co-issuers/{co_issuer_id}", response={204: None})
def remove(request: HttpRequest, document_id: UUID, co_issuer_id: UUID) -> Status[None]:
    """The drafter takes an agency out again."""
    actions.remove_co_issuer(acting(request), document_id, co_issuer_id)
    return Status(204, None)


@router.post("/documents/{document_id}/co-issuers/{co_issuer_id}/signed", response=DocumentOut)
def signed(request: HttpRequest, document_id: UUID, co_issuer_id: UUID, file: File[UploadedFile]) -> Document:
    """The clerk brings in the file that an agency elsewhere signed or sealed, whichever its turn is."""
    require_size(file.name or "", file.size or 0)
    return actions.bring_in(acting(request), document_id, co_issuer_id, file.read())


@router.post("/documents/{document_id}/co-issuers/{co_issuer_id}/ask-again", response=CoIssuerOut)
def ask_again(request: HttpRequest, document_id: UUID, co_issuer_id: UUID) -> dict[str, Any]:
    """Clerk or drafter reminds an agency, or asks one that withdrew once more."""
    return described(actions.ask_partner_again(acting(request), document_id, co_issuer_id))


@router.get("/documents/{document_id}/preview", response=list[ComingOut])
def coming(request: HttpRequest, document_id: UUID) -> list[preview.Coming]:
    """Where number, date, signatures and seals will stand, as far as they are still to come."""
    actor = acting(request)
    return preview.coming(actor, queries.get_open(actor, document_id, Direction.OUTGOING))


@router.post("/documents/{document_id}/seal-joint", response=DocumentOut)
def seal(request: HttpRequest, document_id: UUID, key: Form[Passphrase]) -> Document:
    """The clerk of another agency that issues the document seals it."""
    return actions.seal_as_partner(acting(request), document_id, key.passphrase, key.otp)


@router.post("/documents/{document_id}/leave-joint", response=DocumentOut)
def leave(request: HttpRequest, document_id: UUID, said: Reason) -> Document:
    """Another agency withdraws from a document that it has signed."""
    return actions.leave_joint(acting(request), document_id, said.reason)


@router.post("/documents/{document_id}/rejoin-joint", response=DocumentOut)
def rejoin(request: HttpRequest, document_id: UUID) -> Document:
    """The agency that withdrew takes that back."""
    return actions.rejoin_joint(acting(request), document_id)


def described(one: CoIssuer) -> dict[str, Any]:
    """One agency as the API answers it."""
    plain = {name: getattr(one, name) for name in CoIssuerOut.model_fields if name != "agency_name"}
    return {**plain, "agency_name": one.agency.name}


def co_issuers(document: Document) -> list[dict[str, Any]]:
    """Every agency that issues the document beside the one that drafts, in order."""
    return [described(one) for one in joint_queries.co_issuers(document)]
