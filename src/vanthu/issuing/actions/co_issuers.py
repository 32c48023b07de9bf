"""The verbs by which a drafter names the agencies that issue a document together (văn bản liên tịch)."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from vanthu.audit.ledger import action, record
from vanthu.base.actors import Actor, NotYours
from vanthu.directory.models import Agency, Post
from vanthu.issuing.actions.steps import own_draft, touch
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import co_issuers, room_left
from vanthu.issuing.joint_rules import MOST_CO_ISSUERS, CoIssuerData, CoIssuerUnfit
from vanthu.records.models import Document
from vanthu.signing.authority_queries import signers
from vanthu.vietnamese import nfc


@action
def add_co_issuer(actor: Actor, document_id: UUID, data: CoIssuerData) -> CoIssuer:
    """Name one more agency, the last in order. Only the drafter, only while it is a draft.

    Raises :class:`CoIssuerUnfit`, ``NotADrafter``, ``NotEditable``.
    """
    document, _ = own_draft(actor, document_id)
    partners = co_issuers(document)
    agency = Agency.objects.filter(pk=data.agency_id).first()
    if agency is None or agency.pk == document.agency_id:
        raise CoIssuerUnfit(why="hãy chọn một cơ quan khác cơ quan chủ trì")
    if agency.pk in {one.agency_id for one in partners}:
        raise CoIssuerUnfit(why=f"{agency.name} đã có trong danh sách")
    if not room_left(partners):
        raise CoIssuerUnfit(why=f"ngoài cơ quan chủ trì, nhiều nhất {MOST_CO_ISSUERS} cơ quan")
    added = _made(document, agency, data, ordinal=len(partners) + 1)
    added.save(force_insert=True)
    touch(document)
    record(
        actor,
        "issuing.add_co_issuer",
        kind="document",
        object_id=document.pk,
        data={"agency": agency.name, "signer": added.signer_name},
    )
    return added


@action
def remove_co_issuer(actor: Actor, document_id: UUID, co_issuer_id: UUID) -> None:
    """Take an agency out again; those behind it move up. Raises as :func:`add_co_issuer` and ``NotYours``."""
    document, _ = own_draft(actor, document_id)
    partners = co_issuers(document)
    gone = next((one for one in partners if one.pk == co_issuer_id), None)
    if gone is None:
        raise NotYours
    partners.remove(gone)
    gone.delete()
    _number(partners)
    touch(document)
    record(
        actor,
        "issuing.remove_co_issuer",
        kind="document",
        object_id=document.pk,
        data={"agency": gone.agency.name, "signer": gone.signer_name},
    )


@action
def arrange_co_issuers(
    actor: Actor, document_id: UUID, keys: Sequence[UUID], *, in_order: bool
) -> list[CoIssuer]:
    """The order of the agencies, and whether they sign one after the other, the one that drafts first.

    Keys that are missing keep their order behind the others. Raises as :func:`add_co_issuer`.
    """
    document, draft = own_draft(actor, document_id)
    places = {key: place for place, key in enumerate(keys)}
    partners = sorted(co_issuers(document), key=lambda one: places.get(one.pk, len(places)))
    _number(partners)
    draft.in_order = in_order
    draft.save(update_fields=["in_order"])
    touch(document)
    names = [one.agency.name for one in partners]
    record(
        actor,
        "issuing.arrange_co_issuers",
        kind="document",
        object_id=document.pk,
        data={"agencies": names, "names": ", ".join(names), "in_order": in_order},
    )
    return partners


def _made(document: Document, agency: Agency, data: CoIssuerData, *, ordinal: int) -> CoIssuer:
    if agency.hosted:
        post = _signer(agency, data.post_id)
        return CoIssuer(
            document=document,
            agency=agency,
            ordinal=ordinal,
            post=post,
            signer_name=post.person.full_name,
            signer_position=post.position,
            signer_competence=post.competence,
        )
    name = " ".join(nfc(data.signer_name).split())
    if not name:
        raise CoIssuerUnfit(why="hãy ghi họ tên người ký như in trên văn bản")
    return CoIssuer(
        document=document,
        agency=agency,
        ordinal=ordinal,
        signer_name=name,
        signer_position=" ".join(nfc(data.signer_position).split()),
        signer_competence=" ".join(nfc(data.signer_competence).split()),
    )


def _signer(agency: Agency, post_id: str) -> Post:
    found = next((post for post in signers(agency.pk) if str(post.pk) == post_id), None)
    if found is None:
        raise CoIssuerUnfit(why=f"hãy chọn người ký của {agency.name}")
    return found


def _number(partners: Sequence[CoIssuer]) -> None:
    for ordinal, one in enumerate(partners, start=1):
        one.ordinal = ordinal
    CoIssuer.objects.bulk_update(partners, ["ordinal"])
