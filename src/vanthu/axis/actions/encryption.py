"""Publications of agencies' encryption certificates: kept and listed as their systems signed them."""

from __future__ import annotations

from collections.abc import Sequence

from vanthu.audit.ledger import action, record
from vanthu.axis import queries
from vanthu.axis.actions.agencies import next_version, touch
from vanthu.axis.actions.shared import acting
from vanthu.axis.errors import AgencyNotYours
from vanthu.axis.models import AgencyEncryption, AxisAgency, Member, MemberKey, Parent
from vanthu.axis.relay.errors import PublicationOutdated
from vanthu.axis.wire_rules import code_key
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.relay import Publication, PublicationWrong, Published, check_publication
from vanthu.vxp import PublicationRow


def publish_encryption(member: Member, code: str, given: Publication, actor: Actor) -> None:
    """Keep what one of the member's agencies publishes; the same once more changes nothing.

    A member that is an axis itself passes on what systems below it signed with keys that are known there.
    Raises :class:`AgencyNotYours`, ``PublicationWrong``, :class:`PublicationOutdated`.
    """
    agency = queries.agency_by_code(code)
    if agency is None or agency.member_id != member.id:
        raise AgencyNotYours(code=code)
    said = _checked(agency, given)
    own = MemberKey.objects.filter(member=member, kid=said.key_id, revoked_at=None)
    if not member.is_axis and not own.exists():
        raise PublicationWrong(reason="khóa ký không phải của hệ thống này")
    known = AgencyEncryption.objects.filter(agency=agency).first()
    if known is None or known.publication != given.as_json():
        keep(agency, given, said, actor)


def _checked(agency: AxisAgency, given: Publication) -> Published:
    said = check_publication(given)
    if code_key(said.agency) != code_key(agency.code):
        raise PublicationWrong(reason="không phải của cơ quan này")
    return said


@action
def keep(agency: AxisAgency, given: Publication, said: Published, actor: Actor) -> None:
    """Keep a publication that was checked. Raises :class:`PublicationOutdated`."""
    version = next_version()
    newer = AgencyEncryption.objects.filter(agency=agency, said_at__gte=said.at).first()
    if newer is None:
        _put(agency, given, said, version)
    elif newer.publication != given.as_json():  # the same may have come twice at once
        raise PublicationOutdated(code=agency.code)
    data = {"agency": agency.code, "kid": said.key_id, "certificates": len(given.certificates)}
    record(actor, "axis.encryption_published", kind="axis.agency", object_id=agency.id, data=data)


def _put(agency: AxisAgency, given: Publication, said: Published, version: int) -> None:
    AgencyEncryption.objects.update_or_create(
        agency=agency,
        defaults={
            "publication": given.as_json(),
            "said_at": said.at,
            "published_at": clock.now(),
            "told_at": None,
        },
    )
    touch(agency, version)


@action
def learn(line: Parent, rows: Sequence[PublicationRow]) -> None:
    """Keep what agencies behind the parent publish, as far as it holds and is newer than what is kept.

    ``rows`` stand in the order of their versions. Agencies of our own members stay as they are.
    """
    version, taken, refused = next_version(), list[str](), dict[str, str]()
    for row in rows:
        agency = queries.agency_by_code(row.code)
        given = Publication.read(row.publication)
        if agency is None or agency.member_id != line.member_id:
            continue
        try:
            if given is None:
                raise PublicationWrong(reason="không đọc được")
            said = _checked(agency, given)
        except PublicationWrong as wrong:
            refused[agency.code] = wrong.text
            continue
        if not AgencyEncryption.objects.filter(agency=agency, said_at__gte=said.at).exists():
            _put(agency, given, said, version)
            taken.append(agency.code)
    line.encryption_version = max(line.encryption_version, *(row.version for row in rows))
    line.save(update_fields=["encryption_version"])
    data = {"taken": taken, "refused": refused, "version": line.encryption_version}
    record(
        acting(line.member),
        "axis.publications_copied",
        kind="axis.member",
        object_id=line.member_id,
        data=data,
    )
