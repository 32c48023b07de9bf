"""What the document page says of a joint document (văn bản liên tịch): every agency with what it did and when.

Also the whole page of a document that another agency drafts and shares: to people there it shows the files in force,
who issues it and their own next step, nothing of how it was drafted.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from vanthu.base.actors import Actor, Role
from vanthu.formalities import DOCUMENT_TYPES
from vanthu.issuing import joint_queries
from vanthu.issuing.joint_forms import LeaveForm, OutsideForm
from vanthu.issuing.joint_models import CoIssuer
from vanthu.issuing.joint_queries import Line, field_of
from vanthu.issuing.joint_rules import Step, may_leave, said_left
from vanthu.issuing.models import Draft, Stage
from vanthu.issuing.panel_parts import (
    noting_cancelled,
    preview_section,
    return_action,
    said_of_cancelled,
    signatures_section,
    signed_files,
    with_key,
)
from vanthu.issuing.queries import draft_of
from vanthu.records import queries as records
from vanthu.records.models import Document, DocumentFile, Verb, WorkItem
from vanthu.web import timeline
from vanthu.web.panels import Action, Field, Holder, Panel, Section, State, Text, dialog
from vanthu.web.words import said

STATES = {
    Stage.SUBMITTED: State(_("Chờ ký"), "progress", "signature"),
    Stage.SIGNED: State(_("Đã ký, chờ cấp số"), "progress", "hash"),
    Stage.NUMBERED: State(_("Đã cấp số, chờ đóng dấu"), "progress", "rubber-stamp"),
    Stage.SEALED: State(_("Đã đóng dấu, chờ phát hành"), "progress", "send"),
    Stage.VOIDED: State(_("Đã hủy"), "neutral", "ban"),
}


@dataclass(frozen=True)
class Shown:
    """One agency as the section shows it; ``form`` takes what comes back from it."""

    line: Line
    lead: bool
    state: State
    form: OutsideForm | None = None
    again: Text = ""
    """The word on the button by which the agency that drafts asks once more."""

    @property
    def step(self) -> str:
        """What is brought in from it, for its form."""
        return self.line.handed.value if self.line.handed else ""

    @property
    def field(self) -> str:
        """The name of the field that it signs in."""
        assert self.line.co_issuer is not None and self.line.handed is not None
        return field_of(self.line.co_issuer, self.line.handed)


def section(actor: Actor, document: Document, draft: Draft) -> Section | None:
    """The agencies of a joint document; None for a document of one agency."""
    found = joint_queries.lines(document, draft)
    if not found:
        return None
    obtains = joint_queries.may_obtain(actor, document)
    asks = actor.agency_id == document.agency_id and (
        actor.has(Role.CLERK) or draft.drafter_id == actor.post_id
    )
    rows = [_shown(line, obtains, asks) for line in found]
    return Section(
        title=_("Cơ quan cùng ban hành"),
        template="issuing/panel/joint.html",
        context={
            "rows": rows,
            "in_order": draft.in_order and document.state in {Stage.DRAFT, Stage.REVIEW, Stage.SUBMITTED},
            "document": document,
            "file": records.main_file(document),
        },
        icon="users-group",
        badge=str(len(found)),
        key="joint",
    )


def _shown(line: Line, obtains: bool, asks: bool) -> Shown:
    form = OutsideForm(auto_id=f"outside_{line.agency.pk}_%s") if obtains and line.handed else None
    return Shown(line, line.co_issuer is None, _state(line), form, _again(line) if asks else "")


def _again(line: Line) -> Text:
    if line.co_issuer is None:
        return ""
    if line.left:
        return _("Mời lại")
    return _("Nhắc") if line.asked else ""


def _state(line: Line) -> State:
    if line.left:
        return State(_("Đã rút"), "bad", "user-minus")
    if line.handed is Step.SIGN:
        return State(_("Văn thư lấy chữ ký"), "warn", "file-export")
    if line.handed is Step.SEAL:
        return State(_("Văn thư lấy dấu"), "warn", "file-export")
    if line.sealed_at is not None:
        return State(_("Đã đóng dấu"), "good", "rubber-stamp")
    if line.asked is Step.SIGN:
        return State(_("Chờ ký"), "progress", "signature")
    if line.asked is Step.SEAL and line.co_issuer is not None:
        return State(_("Đã ký, chờ đóng dấu"), "progress", "rubber-stamp")
    if line.signed_at is not None:
        return State(_("Đã ký"), "good", "signature")
    return State(_("Chưa đến lượt"), "neutral", "clock")


def holder(item: WorkItem, partners: Sequence[CoIssuer]) -> Holder | None:
    """Who of another agency has the document; None for people of the one that drafts."""
    one = next((one for one in partners if one.agency_id == item.agency_id), None)
    if one is None:
        return None
    if item.principal == one.post_id:
        return Holder(one.signer_name, f"{one.agency.name} · {said(Verb(item.verb).label)}", item.due_at)
    return Holder(gettext("Văn thư"), f"{one.agency.name} · {said(Verb(item.verb).label)}", item.due_at)


# --- the page for people of another agency ---


def shared_panel(actor: Actor, document: Document) -> Panel:
    """The panel of a document that another agency shares with the actor."""
    draft = draft_of(document)
    stage = Stage(document.state)
    mine = set(
        WorkItem.objects.filter(document=document, principal__in=actor.principals).values_list(
            "verb", flat=True
        )
    )
    joint = section(actor, document, draft)
    part = joint_queries.part_of(actor, document)
    assert part is not None
    return Panel(
        state=STATES[stage],
        actions=list(_partner_actions(actor, document, part, mine)),
        fields=list(_fields(document, draft)),
        sections=[*([joint] if joint else []), *_parts(document)],
        notice=said_of_cancelled(document) or _notice(document, part, mine),
        common_fields=False,
        replaces_timeline=True,
        evidence=False,
    )


def _partner_actions(actor: Actor, document: Document, part: CoIssuer, mine: set[str]) -> Iterator[Action]:
    base = f"/documents/{document.pk}/"
    if Verb.SIGN in mine:
        note = gettext("Ký số bằng khóa của bạn, ở khối ký của cơ quan bạn; chữ ký có giá trị ngay.")
        yield with_key(actor, _("Ký"), "signature", base, "sign", note)
        yield return_action(base, _("Từ chối ký"))
    if Verb.SEAL in mine:
        note = gettext("Dấu của cơ quan bạn đặt lên chữ ký của người ký cơ quan bạn; số, ngày đã được ghi.")
        yield with_key(actor, _("Đóng dấu"), "rubber-stamp", base, "seal-joint", note)
    left = part.left_at is not None
    if left and document.state == Stage.NUMBERED:
        label = _("Tiếp tục cùng ban hành")
        yield Action(label, "arrow-back-up", base + "rejoin-joint", name="rejoin-joint")
    if may_leave(Stage(document.state), signed=part.signed_at is not None, left=left):
        yield _leaving(document, base)
    yield from noting_cancelled(document, mine)


def _leaving(document: Document, base: str) -> Action:
    if document.state == Stage.NUMBERED:
        then = _("Văn bản đã có số: cơ quan chủ trì sẽ mời lại hoặc hủy văn bản.")
    else:
        then = _("Văn bản về cơ quan chủ trì để sửa; mọi chữ ký đã có hết hiệu lực.")
    return dialog(
        "leave-joint",
        _("Rút khỏi văn bản"),
        "user-minus",
        base + "leave-joint",
        LeaveForm,
        danger=True,
        confirm=then,
    )


def _fields(document: Document, draft: Draft) -> Iterator[Field]:
    known = DOCUMENT_TYPES.get(document.type_code)
    yield Field(_("Cơ quan chủ trì"), document.agency.name)
    if document.code:
        yield Field(_("Số, ký hiệu"), document.code)
    yield Field(_("Tên loại"), said(known.label) if known else document.type_code)
    yield Field(_("Trích yếu"), document.subject)
    if draft.signer is not None:
        yield Field(
            _("Người ký của cơ quan chủ trì"), f"{draft.signer.person.full_name}, {draft.signer.position}"
        )
    if document.page_count:
        yield Field(_("Số trang"), document.page_count)


def _parts(document: Document) -> list[Section]:
    found: list[Section] = []
    signed: list[DocumentFile] = signed_files(records.current_files(document))
    if signed:
        found.append(signatures_section(document, signed))
    if document.state in {Stage.SUBMITTED, Stage.SIGNED, Stage.NUMBERED}:
        found.append(preview_section(document, Stage(document.state)))
    return found


def said_of_those_who_left(partners: Sequence[CoIssuer]) -> str:
    """For the agency that drafts: who withdrew and why; empty when nobody did."""
    left = [said_left(one.agency.name, one.left_reason) for one in partners if one.left_at is not None]
    if not left:
        return ""
    return gettext("%(who)s. Mời lại ở mục Cơ quan cùng ban hành, hoặc hủy văn bản và số.") % {
        "who": "; ".join(said(text).rstrip(".") for text in left)
    }


def _notice(document: Document, part: CoIssuer, mine: set[str]) -> str:
    if part.left_at is not None:
        told = {"agency": document.agency.name, "reason": part.left_reason.rstrip(".")}
        return gettext("Cơ quan bạn đã rút: %(reason)s. %(agency)s sẽ mời lại hoặc hủy văn bản.") % told
    if mine:
        return gettext("%(agency)s chủ trì văn bản này và mời cơ quan bạn cùng ban hành.") % {
            "agency": document.agency.name
        }
    return gettext("Văn bản liên tịch do %(agency)s chủ trì; hiện không chờ bạn.") % {
        "agency": document.agency.name
    }


def teach_timeline() -> None:
    """How the verbs of joint documents read after the actor's name."""
    timeline.say("issuing.add_co_issuer", _("thêm cơ quan cùng ban hành {agency}, {signer} ký"), "user-plus")
    timeline.say("issuing.remove_co_issuer", _("bỏ cơ quan cùng ban hành {agency}"), "user-minus")
    timeline.say(
        "issuing.arrange_co_issuers", _("xếp thứ tự cơ quan cùng ban hành: {names}"), "sort-ascending"
    )
    timeline.say("issuing.write_number", _("ghi số {code} và ngày vào văn bản liên tịch"), "hash")
    timeline.say("issuing.seal_as_partner", _("đóng dấu {agency} lên văn bản liên tịch"), "rubber-stamp")
    timeline.say("issuing.leave_joint", _("rút {agency} khỏi văn bản liên tịch"), "user-minus")
    timeline.say("issuing.rejoin_joint", _("đưa {agency} trở lại văn bản liên tịch"), "user-plus")
    timeline.say("issuing.remind_partner", _("nhắc {agency}"), "bell")
    timeline.say("issuing.invite_again", _("mời lại {agency}"), "user-plus")
    timeline.say("issuing.bring_signature", _("đưa vào chữ ký của {signer}, {agency}"), "file-import")
    timeline.say("issuing.bring_seal", _("đưa vào dấu của {agency}"), "file-import")
