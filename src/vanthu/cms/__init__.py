"""Encrypts files for certificates and opens them (CMS), and judges signatures in files other than PDF.

A library like ``pades``, which it stands on for trust, keys' errors and the shape of reports. Refuses to know
agencies, documents or where files come from.
"""

from vanthu.cms.contents import content_of
from vanthu.cms.envelopes import Envelope, decrypt, encrypt, is_encrypted, locate
from vanthu.cms.errors import (
    AlgorithmRefused,
    CertificateUnfit,
    CmsError,
    ContentTooLarge,
    EnvelopeDamaged,
    NoRecipients,
    NotEncrypted,
    NotForThisKey,
)
from vanthu.cms.formats import JUDGE, Form, is_signed, recognise, validate_any
from vanthu.cms.openers import AnsweredKey, OpeningKey, Pkcs11OpeningKey, Pkcs12OpeningKey
from vanthu.cms.policy import Cipher, require_fit
from vanthu.cms.signeddata import Beside

__all__ = [
    "JUDGE",
    "AlgorithmRefused",
    "AnsweredKey",
    "Beside",
    "CertificateUnfit",
    "Cipher",
    "CmsError",
    "ContentTooLarge",
    "Envelope",
    "EnvelopeDamaged",
    "Form",
    "NoRecipients",
    "NotEncrypted",
    "NotForThisKey",
    "OpeningKey",
    "Pkcs11OpeningKey",
    "Pkcs12OpeningKey",
    "content_of",
    "decrypt",
    "encrypt",
    "is_encrypted",
    "is_signed",
    "locate",
    "recognise",
    "require_fit",
    "validate_any",
]
