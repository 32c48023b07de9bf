"""What the signing room tells people: certificates that end, and how its events read in the history."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from vanthu.base import clock
from vanthu.base.actors import Actor
from vanthu.legal.authority import WARNING_DAYS
from vanthu.signing import certificate_queries, device_queries, trust_queries
from vanthu.signing.certificate_models import CertificateWarning
from vanthu.signing.certificate_rules import days_left
from vanthu.signing.device_models import Handover, KeyDevice
from vanthu.signing.trust_models import TrustList
from vanthu.signing.trust_rules import overdue
from vanthu.web import panels, timeline


def notices_of(actor: Actor) -> list[panels.Notice]:
    """What a lost device signed, a hand-over to confirm, trusted lists that grew old, certificates that end soon."""
    if actor.post_id is None:
        return []
    lost = [_to_review(device) for device in device_queries.lost_with_open_reviews(actor)]
    waiting = [_to_confirm(one.row) for one in device_queries.open_handovers(actor) if one.can_confirm]
    lists = [_about_list(row) for row in trust_queries.troubled(actor)]
    return [*lost, *waiting, *lists, *(_notice(row, actor) for row in certificate_queries.warnings(actor))]


def _to_review(device: KeyDevice) -> panels.Notice:
    return panels.Notice(
        text=_("Có chữ ký từ lúc mất thiết bị %(serial)s chưa được rà soát.") % {"serial": device.serial},
        url=reverse("signing-device", args=[device.pk]),
        label=_("Rà soát"),
        tone="bad",
    )


def _to_confirm(row: Handover) -> panels.Notice:
    return panels.Notice(
        text=_("Bàn giao thiết bị %(serial)s chờ bạn xác nhận.") % {"serial": row.device.serial},
        url=reverse("signing-device", args=[row.device_id]),
        label=_("Xem và xác nhận"),
        icon="transfer",
    )


def _about_list(row: TrustList) -> panels.Notice:
    if overdue(row.next_update, clock.now()):
        text = _("Danh sách tin cậy “%(name)s” đã quá hạn cập nhật; hệ thống vẫn dùng bản cũ.")
    else:
        text = _("Chưa tải được bản mới của danh sách tin cậy “%(name)s”; hệ thống vẫn dùng bản đang có.")
    return panels.Notice(
        text=text % {"name": row.name},
        url=reverse("signing-trust"),
        label=_("Xem"),
        icon="shield-exclamation",
    )


def _notice(row: CertificateWarning, actor: Actor) -> panels.Notice:
    left = days_left(row.key.valid_to, clock.now())
    owner = certificate_queries.owner_of(row.key, actor.agency_name)
    day = f"{clock.local(row.key.valid_to):%d/%m/%Y}"
    if left < 0:
        text = _("Chứng thư số của %(owner)s đã hết hạn ngày %(day)s.") % {"owner": owner, "day": day}
    else:
        text = ngettext(
            "Chứng thư số của %(owner)s còn %(n)d ngày, hết hạn ngày %(day)s.",
            "Chứng thư số của %(owner)s còn %(n)d ngày, hết hạn ngày %(day)s.",
            left,
        ) % {"owner": owner, "n": left, "day": day}
    return panels.Notice(
        text=text,
        url=reverse("signing-certificates"),
        label=_("Xem và đề nghị gia hạn"),
        seen_url=reverse("signing-warning-seen", args=[row.pk]),
        tone="bad" if row.days <= min(WARNING_DAYS) else "warn",
        icon="certificate",
    )


def teach_timeline() -> None:
    """How the events of devices read after the actor's name."""
    say = timeline.say
    say("signing.device_registered", gettext_lazy("ghi thiết bị {device} vào sổ"), "device-usb")
    say("signing.key_placed", gettext_lazy("ghi khóa {certificate} vào thiết bị"), "key")
    say("signing.handover_proposed", gettext_lazy("lập biên bản bàn giao cho {to}"), "transfer")
    say("signing.handover_confirmed", gettext_lazy("xác nhận bàn giao cho {to}"), "check")
    say("signing.handover_done", gettext_lazy("xác nhận; thiết bị đã giao cho {to}"), "checks")
    say("signing.minutes_brought", gettext_lazy("lưu biên bản bàn giao đã ký"), "file-upload")
    say("signing.view_minutes", gettext_lazy("mở biên bản bàn giao {minutes}"), "file-download")
    say("signing.view_paper", gettext_lazy("mở giấy tờ {paper}"), "file-download")
    say("signing.decision_brought", gettext_lazy("gắn văn bản giao ký {paper}"), "file-upload")
    say("signing.handover_cancelled", gettext_lazy("hủy lần bàn giao"), "x")
    say("signing.device_returned", gettext_lazy("thu lại thiết bị"), "arrow-back-up")
    say("signing.device_destroyed", gettext_lazy("ghi nhận hủy thiết bị"), "trash")
    say("signing.device_lost", gettext_lazy("báo mất thiết bị; các khóa ngừng ngay"), "alert-triangle")
    say("signing.trust_list_taken_up", gettext_lazy("đưa danh sách tin cậy {name} vào dùng"), "shield-plus")
    say("signing.trust_list_renewed", gettext_lazy("cập nhật danh sách tin cậy {name}"), "shield-check")
    say("signing.trust_list_failed", gettext_lazy("không cập nhật được danh sách tin cậy {name}"), "shield-x")
    say("signing.trust_list_ended", gettext_lazy("ngừng dùng danh sách tin cậy {name}"), "shield-off")
    say("signing.use_reviewed", gettext_lazy("rà soát chữ ký sau khi mất thiết bị {device}"), "eye-check")
    say(
        "signing.stamp_evidence",
        gettext_lazy("đóng dấu thời gian lên bằng chứng chữ ký của {file}"),
        "clock-shield",
    )
    say("signing.preserve", gettext_lazy("đóng dấu thời gian lưu trữ cho {file}"), "clock-shield")
    say("signing.download_evidence", gettext_lazy("tải bằng chứng chữ ký số"), "file-download")
    say("signing.download_report", gettext_lazy("tải báo cáo kiểm tra chữ ký số"), "file-download")
    say("signing.enrol_key", gettext_lazy("đăng ký khóa ký số"), "key")
    say("signing.connect_remote", gettext_lazy("kết nối dịch vụ ký số từ xa"), "cloud")
    say("signing.remote_sign_in", gettext_lazy("đăng nhập dịch vụ ký số từ xa"), "plug-connected")
    say("signing.remote_sign_out", gettext_lazy("ngắt kết nối dịch vụ ký số từ xa"), "plug-connected-x")
    say("signing.begin_pairing", gettext_lazy("bắt đầu ghép máy tính với vanthu-agent"), "device-desktop")
    say("signing.pair_agent", gettext_lazy("ghép máy tính với vanthu-agent"), "device-desktop")
    say(
        "signing.revoke_agent",
        gettext_lazy("ngừng dùng vanthu-agent trên một máy tính"),
        "device-desktop-off",
    )
    say("signing.field_added", gettext_lazy("thêm lĩnh vực {name}"), "writing-sign")
    say("signing.field_closed", gettext_lazy("ngừng dùng lĩnh vực {name}"), "writing-sign")
    say("signing.authority_given", gettext_lazy("ghi thẩm quyền ký"), "writing-sign")
    say("signing.authority_ended", gettext_lazy("kết thúc thẩm quyền ký"), "x")
    say("signing.authority_asked", gettext_lazy("lập đề nghị gửi tổ chức chứng thực"), "certificate")
    say("signing.authority_told", gettext_lazy("gửi đề nghị cho tổ chức chứng thực"), "send")
    say("signing.authority_answered", gettext_lazy("ghi trả lời của tổ chức chứng thực"), "mail-check")
    say("signing.certificate_revoked", gettext_lazy("ghi nhận chứng thư số đã bị thu hồi"), "certificate-off")
    say("signing.warning_seen", gettext_lazy("đã xem nhắc về chứng thư số"), "eye-check")
