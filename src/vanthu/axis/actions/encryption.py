"""Publications of agencies' encryption certificates: kept and listed as their systems signed them."""

from __future__ import annotations

from vanthu.audit.ledger import action, record
from vanthu.axis import queries
from vanthu.axis.actions.agencies import next_version, touch
from vanthu.axis.errors import AgencyNotYours
from vanthu.axis.models import AgencyEncryption, AxisAgency, Member, MemberKey
from vanthu.axis.relay.errors import PublicationOutdated
from vanthu.axis.wire_rules import code_key
from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.relay import Publication, PublicationWrong, Published, check_publication


def publish_encryption(member: Member, code: str, given: Publication, actor: Actor) -> None:
    """Keep what one of the member's agencies publishes; the same once more changes nothing.

    Raises :class:`AgencyNotYours`, ``PublicationWrong``, :class:`PublicationOutdated`.
    """
    agency = queries.agency_by_code(code)
    if agency is None or agency.member_id != member.id:
        raise AgencyNotYours(code=code)
    said = check_publication(given)
    if code_key(said.agency) != code_key(agency.code):
        raise PublicationWrong(reason="không phải của cơ quan này")
    if not MemberKey.objects.filter(member=member, kid=said.key_id, revoked_at=None).exists():
        raise PublicationWrong(reason="khóa ký không phải của hệ thống này")
    known = AgencyEncryption.objects.filter(agency=agency).first()
    if known is None or known.publication != given.as_json():
        keep(agency, given, said, actor)


@action
def keep(agency: AxisAgency, given: Publication, said: Published, actor: Actor) -> None:
    """Keep a publication that was checked. Raises :class:`PublicationOutdated`."""
    version = next_version()
    newer = AgencyEncryption.objects.filter(agency=agency, said_at__gte=said.at).first()
    if newer is None:
        AgencyEncryption.objects.update_or_create(
            agency=agency,
            defaults={"publication": given.as_json(), "said_at": said.at, "published_at": clock.now()},
        )
        touch(agency, version)
    elif newer.publication != given.as_json():  # the same may have come twice at once
        raise PublicationOutdated(code=agency.code)
    data = {"agency": agency.code, "kid": said.key_id, "certificates": len(given.certificates)}
    record(actor, "axis.encryption_published", kind="axis.agency", object_id=agency.id, data=data)
