"""Signs, seals, extends and validates PDF documents (PAdES), in the order that the law wants.

``prepare`` once when a draft is submitted; ``sign`` per signer; ``seal`` writes number and date and seals in
one revision; ``seal_attachment`` and ``seal_copy`` for separate annexes and scanned copies; ``validate``
judges any file. Refuses to decide who may sign: that is the signing room's matter.
"""

from vanthu.pades.anchors import Anchor, Category, Purpose
from vanthu.pades.away import Pending, begin, finish
from vanthu.pades.budgeted import validate_within
from vanthu.pades.confined import Budget
from vanthu.pades.errors import PadesError
from vanthu.pades.keys import KeySource, Pkcs12Key
from vanthu.pades.levels import Level, gather, level_of, renew_by, stamps_in
from vanthu.pades.longterm import extend, extend_file
from vanthu.pades.many import SignsMany, Work, prepare_work, sign_works
from vanthu.pades.numbering import fields, fields_match
from vanthu.pades.places import Box, DateGaps, NumberPlace, PartnerPlace, Places, seal_box_over
from vanthu.pades.preparing import partner_fields, prepare, prepare_into, signer_fields
from vanthu.pades.profiles import CIRCULAR_2019, NATIONAL, Ink, Look, Profile
from vanthu.pades.report import (
    Evidence,
    Reason,
    SignatureKind,
    SignatureReport,
    ValidationReport,
    Verdict,
)
from vanthu.pades.schemes import Scheme
from vanthu.pades.signing import (
    give_number,
    give_number_file,
    seal,
    seal_attachment,
    seal_attachment_file,
    seal_copy,
    seal_copy_file,
    seal_file,
    seal_partner,
    seal_partner_file,
    sign,
    sign_file,
)
from vanthu.pades.stamping import timestamp
from vanthu.pades.standard_report import standard_report
from vanthu.pades.timestamps import HttpTimestamper, Timestamper
from vanthu.pades.trust import (
    HttpRevocationSource,
    HungHosts,
    RememberingSource,
    Revocation,
    Standing,
    Trust,
    certificates_in,
    check_certificate,
)
from vanthu.pades.validation import validate

__all__ = [
    "CIRCULAR_2019",
    "NATIONAL",
    "Anchor",
    "Box",
    "Budget",
    "Category",
    "DateGaps",
    "Evidence",
    "HttpRevocationSource",
    "HttpTimestamper",
    "HungHosts",
    "Ink",
    "KeySource",
    "Level",
    "Look",
    "NumberPlace",
    "PadesError",
    "PartnerPlace",
    "Pending",
    "Pkcs12Key",
    "Places",
    "Profile",
    "Purpose",
    "Reason",
    "RememberingSource",
    "Revocation",
    "Scheme",
    "SignatureKind",
    "SignatureReport",
    "SignsMany",
    "Standing",
    "Timestamper",
    "Trust",
    "ValidationReport",
    "Verdict",
    "Work",
    "begin",
    "certificates_in",
    "check_certificate",
    "extend",
    "extend_file",
    "fields",
    "fields_match",
    "finish",
    "gather",
    "give_number",
    "give_number_file",
    "level_of",
    "partner_fields",
    "prepare",
    "prepare_into",
    "prepare_work",
    "renew_by",
    "seal",
    "seal_attachment",
    "seal_attachment_file",
    "seal_box_over",
    "seal_copy",
    "seal_copy_file",
    "seal_file",
    "seal_partner",
    "seal_partner_file",
    "sign",
    "sign_file",
    "sign_works",
    "signer_fields",
    "stamps_in",
    "standard_report",
    "timestamp",
    "validate",
    "validate_within",
]
