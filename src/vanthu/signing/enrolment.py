"""What every enrolment of a key goes through, whatever keeps the key: whose certificate is it, which key goes before?

A plain function for the enrolling actions; it runs in their transaction. Refuses a certificate in another's name
(R65): a person's certificate never makes the agency's signature, nor the other way round.
"""

from __future__ import annotations

from asn1crypto import x509

from vanthu.base import clock
from vanthu.directory.models import Agency, AgencyIdentifier, Post
from vanthu.pades import policy
from vanthu.signing.certificate_rules import require_owner
from vanthu.signing.device_models import DeviceState, KeyDevice
from vanthu.signing.device_rules import require_step
from vanthu.signing.models import EndReason, SigningKey


def replace_key(
    agency: Agency, post: Post | None, certificate: x509.Certificate, device: KeyDevice | None
) -> KeyDevice | None:
    """Check the certificate against its owner and the policy, end the key before; answers what keeps the new one.

    Without ``device`` that of the key before, as when a certificate is renewed on the same token. Raises
    ``KEY_TOO_WEAK``, :class:`certificate_rules.CertificateOfAnother`, :class:`device_rules.DeviceStep`.
    """
    policy.require_key(certificate, clock.now())
    names = [post.person.full_name] if post else [agency.name]
    codes = (
        [] if post else list(AgencyIdentifier.objects.filter(agency=agency).values_list("code", flat=True))
    )
    require_owner(certificate.subject.native, names=names, codes=codes)
    before = SigningKey.objects.select_for_update(of=("self",)).filter(agency=agency, post=post, active=True)
    kept_by = [key.device for key in before.select_related("device") if key.device]
    before.update(active=False, ended_at=clock.now(), end_reason=EndReason.REPLACED)
    chosen = device or next(iter(kept_by), None)
    if chosen is None:
        return None
    locked = KeyDevice.objects.select_for_update().get(pk=chosen.pk, agency=agency)
    if locked.state not in {DeviceState.UNASSIGNED, DeviceState.IN_USE}:
        require_step(locked.state, DeviceState.IN_USE)
    return locked
