"""What may be added to a file after a signature.

Owns the policy of the difference analysis: pyHanko's, less what would let somebody change how filled fields look
without touching them. A form may not ask viewers to draw its fields anew, nor change the fonts and defaults that they
would draw them with; signing programs may add resources of their own ("shadow attacks", replace variant).
"""

from __future__ import annotations

from typing import Any

from lxml import etree
from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import DictionaryObject
from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, StandardDiffPolicy, SuspiciousModification
from pyhanko.sign.diff_analysis.form_rules_api import FormUpdatingRule
from pyhanko.sign.fields import MDPPerm

_untyped_rule: Any = FormUpdatingRule


class _SteadyForm(_untyped_rule):  # type: ignore[misc]
    """The form's fields are compared by pyHanko, what decides their looks here."""

    def apply(self, old: Any, new: Any) -> Any:
        """See FormUpdatingRule."""
        before, after = _form(old), _form(new)
        if _redraws(after) and not _redraws(before):
            raise SuspiciousModification("the form asks viewers to draw its fields anew")
        if not all(_same(before, after, key) for key in ("/DA", "/Q") if key in before):
            raise SuspiciousModification("the form's defaults changed")
        if "/DR" in before and not ("/DR" in after and _kept(before["/DR"], after["/DR"])):
            raise SuspiciousModification("resources of the form's fields changed")
        yield from super().apply(old, new)


def _form(revision: Any) -> Any:
    if "/AcroForm" not in revision.root:
        return {}
    return revision.root["/AcroForm"]


def _redraws(form: Any) -> bool:
    return "/NeedAppearances" in form and bool(form["/NeedAppearances"])


def _same(before: Any, after: Any, key: str) -> bool:
    return key in after and repr(before.raw_get(key)) == repr(after.raw_get(key))


def _kept(before: Any, after: Any) -> bool:
    """Every entry that was there is there and still the same; more may have come. What a reference points to is for
    pyHanko to compare."""
    if not isinstance(before, DictionaryObject):
        return repr(before) == repr(after)
    if not isinstance(after, DictionaryObject):
        return False
    return all(key in after and _kept(before.raw_get(key), _beside(before, after, key)) for key in before)


def _beside(before: Any, after: Any, key: str) -> Any:
    """The later value of an entry, looked through where the earlier one stood in place."""
    return after[key] if isinstance(before.raw_get(key), DictionaryObject) else after.raw_get(key)


class _Policy(StandardDiffPolicy):
    """What describes the file (title, author …) stays as it was signed; where a signature forbids any change, the form
    may not even gain resources for later drawing."""

    def apply(self, old: Any, new: Any, field_mdp_spec: Any = None, doc_mdp: Any = None) -> Any:
        """See DiffPolicy."""
        if not _described_alike(old, new):
            raise SuspiciousModification("what describes the file changed")
        if doc_mdp is MDPPerm.NO_CHANGES:
            before, after = _form(old), _form(new)
            if any(key in after and not _same(after, before, key) for key in _LOOKS):
                raise SuspiciousModification("the form's looks changed although nothing may")
        return super().apply(old, new, field_mdp_spec=field_mdp_spec, doc_mdp=doc_mdp)


_PROGRAMS_OWN = {"/ModDate", "/Producer"}
_PROGRAMS_OWN_XMP = {"ModifyDate", "MetadataDate", "Producer", "InstanceID", "xmptk"}


def _described_alike(old: Any, new: Any) -> bool:
    """Every entry of /Info and of the XMP metadata is still there, but for those in which programs name themselves and
    the instant of saving; more may have come."""
    before, after = _info(old), _info(new)
    if any(after.get(key) != value for key, value in before.items() if key not in _PROGRAMS_OWN):
        return False
    return _xmp(old) <= _xmp(new)


def _info(revision: Any) -> dict[str, str]:
    if "/Info" not in revision.trailer_view:
        return {}
    entries = revision.get_object(revision.trailer_view.get_value_as_reference("/Info"))
    return {str(key): repr(entries.raw_get(key)) for key in entries}


def _xmp(revision: Any) -> set[tuple[str, str]]:
    """(element or attribute, text) of the metadata; empty without any or when it cannot be read, which pyHanko's own
    rule then refuses."""
    if "/Metadata" not in revision.root:
        return set()
    stream = revision.root.raw_get("/Metadata").get_object()
    try:
        tree = etree.fromstring(stream.read_data(DecodePurpose.XMP_METADATA), _SAFE)
    except (etree.XMLSyntaxError, AttributeError):
        return set()
    found = {(str(item.tag), (item.text or "").strip()) for item in tree.iter(etree.Element)}
    found |= {
        (str(key), str(value)) for item in tree.iter(etree.Element) for key, value in item.attrib.items()
    }
    return {(key, value) for key, value in found if key.rpartition("}")[2] not in _PROGRAMS_OWN_XMP}


_SAFE = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False)
_DEFAULT: Any = DEFAULT_DIFF_POLICY
_LOOKS = ("/DR", "/DA", "/Q", "/NeedAppearances")

POLICY = _Policy(
    global_rules=_DEFAULT.global_rules,
    form_rule=_SteadyForm(_DEFAULT.form_rule.field_rules),
)
"""pyHanko's rules with the steadier form."""
