"""Before the agency signs: the competent person's signature must be there, valid, and of the one who was to sign
(R94; NĐ 30/2020 Đ33.2). Owns that look; the same is asked of the bytes again when the seal is written.
"""

from __future__ import annotations

from vanthu.issuing.actions.steps import SIGNER_FIELD, current_main
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.rules import require_competent_signature
from vanthu.pades import ValidationReport, partner_fields
from vanthu.records.models import Document
from vanthu.signing import service
from vanthu.signing.models import SigningKey


def require_competent(document: Document) -> None:
    """Refuse to go on towards the seal unless the document bears a valid signature of its signer, a joint document
    one of every agency's.

    Judged now, so that a certificate revoked since somebody signed is noticed before a number is taken. Raises
    ``CompetentSignatureMissing``. A document that is sealed already has passed.
    """
    if document.state not in {Stage.SIGNED, Stage.NUMBERED}:
        return
    report = ValidationReport.from_dict(service.check_again(current_main(document).sha256).report)
    signer = Draft.objects.filter(document=document).values("signer")
    serials = set(SigningKey.objects.filter(post__in=signer).values_list("serial", flat=True))
    require_competent_signature(report, SIGNER_FIELD, serials)
    for one in CoIssuer.objects.filter(document=document):
        require_competent_signature(report, partner_fields(one.ordinal)[0], {one.serial or "0"})
