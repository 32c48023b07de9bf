"""Parts of the document page that an agency's own outgoing documents share with joint ones of other agencies."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor
from vanthu.issuing.forms import ReturnForm
from vanthu.issuing.models import Stage
from vanthu.records.models import Document, DocumentFile, FileStage, Verb
from vanthu.signing import keys, verdicts
from vanthu.signing.key_forms import UnlockForm
from vanthu.web.panels import Action, Section, Text, dialog

_SIGNED = {FileStage.SIGNED, FileStage.SEALED}


def return_action(base: str, label: Text) -> Action:
    """Give it back, with a reason."""
    return dialog("return", label, "corner-up-left", base + "return", ReturnForm, danger=True)


def with_key(actor: Actor, label: Text, icon: str, base: str, verb: str, note: Text) -> Action:
    """The dialog asks for what the key's kind needs; without a key it says where to enrol one."""
    of_agency = verb != "sign"
    held = keys.held(actor, agency=of_agency)
    form = UnlockForm(
        wanted=keys.wanted(held) if held else None,
        owner="agency" if of_agency else "",
        auto_id=f"{verb}_%s",
    )
    return Action(
        label,
        icon,
        base + verb,
        "dialog",
        primary=True,
        name=verb,
        form=form,
        note=note,
        confirm=note,
        form_template="signing/unlock.html",
    )


def noting_cancelled(document: Document, mine: Collection[str]) -> Iterator[Action]:
    """For whoever is told that a numbered document was cancelled."""
    if document.state == Stage.VOIDED and Verb.READ in mine:
        address = f"/documents/{document.pk}/cancel-noted"
        yield Action(_("Đã biết"), "checks", address, primary=True, name="cancel-noted")


def said_of_cancelled(document: Document) -> str:
    """Why the number was struck; empty for a document whose number stands, or that never had one."""
    if document.state != Stage.VOIDED:
        return ""
    struck = document.register_entries.exclude(voided_at=None).order_by("pk").last()
    if struck is None:
        return ""
    told = {"agency": document.agency.name, "code": document.code, "reason": struck.void_reason}
    return gettext("%(agency)s đã hủy văn bản số %(code)s: %(reason)s") % told


def preview_section(document: Document, stage: Stage) -> Section:
    """Number, date, signature and seal where they will stand; the page's script asks for them."""
    hint: Text = _("Sau khi ký, vị trí không đổi được nữa.")
    if stage in {Stage.SIGNED, Stage.NUMBERED}:
        hint = _("Số là dự kiến; số thật được cấp khi bạn bấm nút.") if stage is Stage.SIGNED else ""
    return Section(
        title=_("Xem trước trên trang"),
        template="issuing/panel/preview.html",
        context={"document": document, "hint": hint},
        icon="eye",
        key="preview",
    )


def signed_files(files: Sequence[DocumentFile]) -> list[DocumentFile]:
    """Those that bear signatures of this document's people."""
    return [file for file in files if file.stage in _SIGNED]


def signatures_section(document: Document, files: Sequence[DocumentFile]) -> Section:
    """The kept verdicts of the current signed files; asks again while a check is still to come."""
    context = signatures_context(files)
    waiting = not context["checked"]
    return Section(
        title=_("Chữ ký số"),
        template=verdicts.TEMPLATE,
        context=context,
        icon="certificate",
        key="signatures",
        poll_url=f"/documents/{document.pk}/signatures" if waiting else None,
        poll_seconds=3,
    )


def signatures_context(files: Sequence[DocumentFile]) -> dict[str, Any]:
    """Context of the rows: the main file's signatures, then one line per annex."""
    signed = [file for file in files if file.stage in _SIGNED]
    known = verdicts.kept([file.sha256 for file in signed])
    checked = all(file.sha256 in known for file in signed)
    return {"rows": verdicts.rows(signed, known), "checked": checked}


def said_of_signature(document: Document) -> str:
    """What follows the signature that somebody just made."""
    if document.state == Stage.SUBMITTED:
        return gettext("Đã ký số; văn bản chờ chữ ký của các cơ quan còn lại.")
    return gettext("Đã ký số; văn bản chuyển văn thư cấp số, đóng dấu và phát hành.")


def said_of_release(document: Document) -> str:
    """What the clerk's button did: all of it, or as far as a joint document goes before the others seal."""
    if document.state == Stage.NUMBERED:
        return gettext("Đã cấp số %(code)s và ghi vào văn bản; chờ dấu của các cơ quan cùng ban hành.") % {
            "code": document.code
        }
    return gettext("Đã cấp số %(code)s, ký số của cơ quan và phát hành.") % {"code": document.code}
