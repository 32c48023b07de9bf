"""Every component in every state on one page, with made-up documents; only in demo and debug mode."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import cache, wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from vanthu.base import clock
from vanthu.base.ids import new_id
from vanthu.errors import MustAct, VanthuError
from vanthu.formalities import Urgency
from vanthu.records.models import Direction, Document, DocumentFile, FileKind, FileStage, Verb, WorkItem
from vanthu.web import document_page, panels
from vanthu.web.timeline import Entry
from vanthu.web.work import Group

View = Callable[[HttpRequest], HttpResponse]
SUBJECT = "Về việc triển khai các biện pháp ứng phó với mưa lớn, lũ quét và sạt lở đất trên địa bàn tỉnh"


def _shown_in_demo(view: View) -> View:
    @wraps(view)
    def guarded(request: HttpRequest) -> HttpResponse:
        if not (settings.VANTHU.demo or settings.DEBUG):
            raise Http404
        if not hasattr(request, "user"):
            request.user = AnonymousUser()
        return view(request)

    return guarded


class SampleRefusal(VanthuError):
    """Shows how a refusal reads."""

    code = "SEAL_BEFORE_NUMBER"
    message = "Văn bản chưa có số nên chưa thể đóng dấu của cơ quan."
    must_act = MustAct.CLERK
    rule = "NĐ 30/2020 Đ18"


class SampleForm(forms.Form):
    """One field of each kind."""

    subject = forms.CharField(label=_("Trích yếu"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))
    lead = forms.ChoiceField(
        label=_("Chủ trì"), choices=[("1", "Phòng Nông nghiệp"), ("2", "Phòng Tài chính")]
    )
    due = forms.DateField(label=_("Hạn xử lý"), help_text=_("Tính theo lịch làm việc năm 2026."))
    helpers = forms.MultipleChoiceField(
        label=_("Phối hợp"),
        required=False,
        choices=[("a", "Trần Văn Bình"), ("b", "Phạm Thị Cúc")],
        widget=forms.CheckboxSelectMultiple,
    )
    reply = forms.ChoiceField(
        label=_("Trả lời"),
        choices=[("x", _("Có văn bản trả lời")), ("y", _("Không cần trả lời"))],
        widget=forms.RadioSelect,
    )
    tell = forms.BooleanField(label=_("Báo cho người soạn thảo"), required=False)
    scan = forms.FileField(label=_("Bản quét"), required=False)


class SampleReason(forms.Form):
    """What a returning leader says."""

    reason = forms.CharField(label=_("Lý do trả lại"), widget=forms.Textarea(attrs={"rows": 3}))


@_shown_in_demo
def page(request: HttpRequest) -> HttpResponse:
    """The page of components."""
    now = clock.now()
    wrong = SampleForm({"subject": "", "lead": "1", "due": "31/02/2026", "reply": "x"})
    wrong.is_valid()
    wrong.auto_id = "wrong-%s"
    context = {
        "urgencies": list(Urgency),
        "states": STATES,
        "instants": [now - timedelta(minutes=3), now - timedelta(hours=5), now - timedelta(days=40)],
        "dues": [
            now + timedelta(days=3),
            now + timedelta(hours=2, minutes=5),
            now - timedelta(days=1, hours=1),
        ],
        "form": SampleForm(),
        "wrong": wrong,
        "files": _files(),
        "entries": _entries(),
        "rows": _rows(),
        "actions": _actions(),
        "fields": [
            *document_page.fields(_document(), panels.Panel(panels.State(""))),
            panels.Field(_("Người ký"), "Nguyễn Thị Mười", doubtful=True),
        ],
        "error": SampleRefusal(),
        "groups": _groups(),
        "steps": [_("Soạn thảo"), _("Trình ký"), _("Đã ký"), _("Cấp số"), _("Phát hành")],
        "sample": {"name": "cong-van-mau.pdf"},
        "codes": ["01", "03", "05", "06", "02"],
        "icons": ["checklist", "inbox", "send", "signature", "rubber-stamp", "book-2", "shield-check"],
    }
    return render(request, "web/styleguide.html", context)


@_shown_in_demo
def document(request: HttpRequest) -> HttpResponse:
    """The document page with made-up content."""
    shown, files = _document(), _files()
    panel = _panel()
    context = {
        "document": shown,
        "panel": panel,
        "files": files,
        "shown_file": files[0],
        "fields": document_page.fields(shown, panel),
        "links": [document_page.Link(_("Trả lời văn bản"), _document())],
        "entries": _entries(),
        "back": "/styleguide/",
        "waiting": _document(),
        "sample_url": request.GET.get("pdf", "/styleguide/sample.pdf"),
    }
    return render(request, "web/styleguide_document.html", context)


@_shown_in_demo
def sample(request: HttpRequest) -> HttpResponse:  # noqa: ARG001
    """A PDF of a few pages."""
    return HttpResponse(_pdf(), content_type="application/pdf")


@cache
def _pdf() -> bytes:
    from vanthu.demo import samples

    return samples.quyet_dinh(
        annexes=[samples.AnnexTable("Danh mục các điểm có nguy cơ sạt lở đất năm 2026")]
    )


STATES = [
    panels.State(_("Dự thảo"), "neutral", "pencil"),
    panels.State(_("Chờ ký"), "progress", "signature"),
    panels.State(_("Đã phát hành"), "good", "send"),
    panels.State(_("Cần chỉnh sửa"), "warn", "arrow-back-up"),
    panels.State(_("Từ chối tiếp nhận"), "bad", "circle-x"),
]


def _document() -> Document:
    now = clock.now()
    return Document(
        direction=Direction.INCOMING,
        state="REGISTERED",
        type_code="CONG_VAN",
        subject=SUBJECT,
        urgency=Urgency.EXPRESS,
        code="1250/UBND-NL5",
        issued_date=date(2026, 11, 20),
        issuer_name="Ủy ban nhân dân tỉnh Hà Tĩnh",
        signer_name="Võ Trọng Hải",
        signer_position="Phó Chủ tịch",
        page_count=3,
        arrival_number=412,
        arrived_at=now,
        due_at=now + timedelta(hours=6),
        distribution=["Các sở, ban, ngành", "UBND các xã, phường"],
    )


def _files() -> list[DocumentFile]:
    now = clock.now()
    main = DocumentFile(kind=FileKind.MAIN, stage=FileStage.SEALED, version=3, size=182_340, created_at=now)
    main.name = "1250-UBND-NL5.pdf"
    annex = DocumentFile(kind=FileKind.ANNEX, stage=FileStage.RECEIVED, size=1_430_220, created_at=now)
    annex.name = "Phụ lục danh mục các điểm có nguy cơ sạt lở đất, lũ quét năm 2026.xlsx"
    annex.media_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [main, annex]


def _entries() -> list[Entry]:
    now = clock.now()
    said = [
        (
            "Trần Đức Thắng",
            gettext("giao Phòng Kinh tế chủ trì, hạn 25/11/2026"),
            "Khẩn trương, báo cáo trước 16 giờ hằng ngày.",
        ),
        ("Lê Thị Hoa", gettext("vào sổ đến số 412 và trình Chủ tịch"), ""),
        ("Hệ thống", gettext("kiểm tra chữ ký: hợp lệ, toàn vẹn, xác thực"), ""),
        ("Hệ thống", gettext("nhận văn bản qua trục liên thông"), ""),
    ]
    icons = ["message-2-share", "book-2", "shield-check", "inbox"]
    return [
        Entry(who, "Văn thư", what, now - timedelta(minutes=17 * (i + 1)), quote, icons[i])
        for i, (who, what, quote) in enumerate(said)
    ] + [
        Entry("Hệ thống", "", gettext("gửi trạng thái 01 cho bên gửi"), now - timedelta(hours=i))
        for i in range(2, 6)
    ]


def _rows() -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {
            "name": "UBND xã Hương Sơn",
            "via": gettext("Trục liên thông"),
            "state": panels.State(_("Hoàn thành"), "good"),
            "sent_at": now - timedelta(hours=3),
            "received_at": now - timedelta(hours=3),
        },
        {
            "name": "Sở Nông nghiệp và Môi trường",
            "via": gettext("Trục liên thông"),
            "state": panels.State(_("Đã tiếp nhận"), "progress"),
            "sent_at": now - timedelta(hours=3),
            "received_at": now - timedelta(hours=2),
        },
        {
            "name": "Công ty Thủy lợi Nam Hà Tĩnh",
            "via": gettext("Trục liên thông"),
            "state": panels.State(_("Từ chối"), "bad"),
            "sent_at": now - timedelta(hours=3),
            "note": "Gửi nhầm nơi nhận.",
        },
        {
            "name": "Hội Cựu chiến binh tỉnh",
            "via": gettext("Bản giấy"),
            "state": panels.State(_("Chờ gửi"), "neutral"),
        },
    ]


def _actions() -> list[panels.Action]:
    return [
        panels.Action(
            _("Giao xử lý"),
            "message-2-share",
            "/styleguide/",
            kind="dialog",
            primary=True,
            form=SampleForm(),
            note=_("Người được giao nhận việc ngay; bên gửi thấy trạng thái 04."),
            name="direct",
        ),
        panels.Action(
            _("Xem để biết"), "eye", "/styleguide/", confirm=_("Ghi nhận đã xem và đóng việc?"), name="read"
        ),
        panels.Action(
            pgettext_lazy("nút", "Trả lại"),
            "arrow-back-up",
            "/styleguide/",
            kind="dialog",
            danger=True,
            form=SampleReason(),
            name="return",
        ),
    ]


def _panel() -> panels.Panel:
    now = clock.now()
    return panels.Panel(
        state=panels.State(_("Chờ chỉ đạo"), "progress", "user-question"),
        actions=_actions(),
        holders=[
            panels.Holder("Trần Đức Thắng", "Chủ tịch", due_at=now + timedelta(hours=6)),
            panels.Holder("Lê Thị Hoa", "Văn thư", done=True),
        ],
        fields=[panels.Field(_("Mã định danh"), "000.00.16.H27.1250-2026", mono=True)],
        sections=[
            panels.Section(_("Chữ ký số"), "web/styleguide_signatures.html", icon="shield-check", badge="2"),
            panels.Section(
                _("Nơi nhận"),
                "web/styleguide_rows.html",
                {"rows": _rows()},
                icon="truck-delivery",
                open=False,
            ),
        ],
        steps=[_("Đến"), _("Vào sổ"), _("Chỉ đạo"), _("Xử lý"), _("Hoàn thành")],
        step=2,
    )


def _groups() -> list[Group]:
    now = clock.now()
    later = [now + timedelta(hours=2, minutes=1), now + timedelta(days=5)]
    verbs: list[tuple[Verb, Promise, str, list[datetime | None]]] = [
        (Verb.REGISTER, _("Chờ vào sổ"), "book-2", [None, later[1]]),
        (Verb.DIRECT, _("Chờ cho ý kiến chỉ đạo"), "message-2-share", [later[0]]),
        (Verb.HANDLE, _("Chủ trì xử lý"), "user-star", [now - timedelta(days=1, hours=2), later[1]]),
    ]
    found = []
    for verb, heading, icon, dues in verbs:
        items = []
        for place, due_at in enumerate(dues):
            item = WorkItem(
                document=_document(), principal=new_id(), verb=verb, due_at=due_at, created_at=now
            )
            item.document.urgency = 3 if place == 0 else 0
            items.append(item)
        found.append(Group(verb, heading, icon, len(items), items))
    return found
