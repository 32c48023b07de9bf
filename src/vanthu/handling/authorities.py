"""Did the sender sign with certificates of the authority that the law wants of it (R104)?

Owns the sentences. A state agency signs with public-duty certificates; certificates of public authorities are accepted
from others. Refuses to judge the signatures themselves.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from vanthu.directory.models import Agency
from vanthu.handling.rules import Check, Outcome
from vanthu.legal.certificates import Bound
from vanthu.pades import Category, SignatureKind, SignatureReport
from vanthu.records.models import Document
from vanthu.signing.behind import bound_by

PUBLIC = "PUBLIC_AUTHORITY"
"""The remark of the report that the lines here put in the sender's light."""

_LINES = {
    Bound.YES: (
        Outcome.FAIL,
        "chữ ký của {names} dùng chứng thư số công cộng; cơ quan nhà nước phải ký bằng chữ ký số chuyên dùng công vụ "
        "(QĐ 33/2019 Đ11.3)",
    ),
    Bound.NO: (
        Outcome.PASS,
        "chữ ký của {names} dùng chứng thư số công cộng, được chấp nhận vì bên gửi không phải cơ quan nhà nước",
    ),
    Bound.UNKNOWN: (
        Outcome.WARN,
        "chữ ký của {names} dùng chứng thư số công cộng; văn thư xem bên gửi có phải cơ quan nhà nước không",
    ),
}


def authority_checks(document: Document, name: str, signatures: Iterable[SignatureReport]) -> Iterator[Check]:
    """One line about a file with signatures under a public authority; none where there are none."""
    public = [
        signature.signer_name
        for signature in signatures
        if signature.authority == Category.PUBLIC.value and signature.kind is not SignatureKind.TIMESTAMP
    ]
    if public:
        code = document.issuer_organ_id
        sender = Agency.objects.filter(identifiers__code=code).first() if code else None
        outcome, text = _LINES[bound_by(code, sender)]
        names = ", ".join(dict.fromkeys(public))
        yield Check("SIG_AUTHORITY", outcome, f"{name}: {text.format(names=names)}")
