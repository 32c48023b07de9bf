"""What the operator is warned of before it stops anything: clocks, secrets, certificates, the line to the parent."""

from __future__ import annotations

import os
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import SHUT_RDWR, create_server
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.test import Client
from tests.axis.axis_parts import Axis, document
from tests.axis.operator_parts import on_duty, text_of

from vanthu.axis import actions, certificates, meter, parent, parent_jobs, queries
from vanthu.axis.models import AxisAgency, Forward, ForwardState, Member, Stage, WatchedCertificate, Webhook
from vanthu.axis.watch import keys, queues, thresholds
from vanthu.axis.watch.thresholds import Tone
from vanthu.base import clock


@pytest.fixture
def operator(axis: Axis) -> Client:
    return on_duty()


def site(settings: Any, **changes: Any) -> None:
    settings.VANTHU = settings.VANTHU.model_copy(update=changes)


def concerns(system_id: str) -> list[str]:
    [line] = [line for line in queues.lines() if line.member.system_id == system_id]
    return [concern.sentence for concern in line.concerns]


def test_a_clock_that_is_off_shows_before_calls_are_refused(
    operator: Client, axis: Axis, settings: Any
) -> None:
    site(settings, axis_clock_window_seconds=600)
    fast, slow = queries.member("H27"), queries.member("H37")
    meter.note(fast, lag=timedelta(seconds=-45))
    meter.note(slow, lag=timedelta(seconds=90))
    meter.write()
    said = text_of(operator.get("/axis/queues/"))
    assert "nhanh 45 giây" in said
    assert "chậm 90 giây" in said
    assert concerns("H27") == ["Đồng hồ chạy nhanh: đề nghị bên đó chỉnh theo máy chủ thời gian."]
    assert concerns("H37") == [], "its client may keep one time stamp for several calls"
    Member.objects.filter(pk=slow.pk).update(fresh_stamps=True)
    assert concerns("H37") == ["Đồng hồ chạy chậm: đề nghị bên đó chỉnh theo máy chủ thời gian."]
    meter.note(fast, lag=timedelta(seconds=-301))
    meter.write()
    assert concerns("H27")[0].startswith("Đồng hồ lệch gần mức bị từ chối")
    assert queues.lines()[0].tone is Tone.ACT
    assert queries.clock_lag(fast) == timedelta(seconds=-301)


def test_an_old_secret_is_pointed_out_and_so_is_a_change_that_got_stuck(
    operator: Client, axis: Axis, frozen_clock: Any, settings: Any
) -> None:
    start = clock.now()
    frozen_clock(start + timedelta(days=364))
    assert "Khóa bí mật dùng đã lâu" not in text_of(operator.get("/axis/keys/"))
    frozen_clock(start + timedelta(days=367))
    said = text_of(operator.get("/axis/keys/"))
    assert said.count("Khóa bí mật dùng đã lâu: đổi khóa ở trang của hệ thống.") == 2
    actions.renew_secret("H27", keep_old=timedelta(days=7))
    assert (concerns("H27"), len(concerns("H37"))) == ([], 1)
    frozen_clock(start + timedelta(days=372, hours=12))
    assert concerns("H27") == ["Khóa bí mật cũ sắp hết hạn mà khóa mới chưa được dùng: gọi cho bên đó."]
    actions.note_new_secret("H27")
    assert concerns("H27") == []
    site(settings, axis_secret_days=0)
    assert concerns("H37") == []


@contextmanager
def tls_server(folder: Path, ends: datetime) -> Iterator[int]:
    """A server that shows a certificate valid until ``ends``; its port."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name.from_rfc4514_string("CN=truc.h27.gov.vn")
    built = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(7)
        .not_valid_before(ends - timedelta(days=365))
        .not_valid_after(ends)
        .sign(key, hashes.SHA256())
    )
    pem = built.public_bytes(serialization.Encoding.PEM) + key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    (folder / "tls.pem").write_bytes(pem)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "tls.pem")
    with create_server(("127.0.0.1", 0)) as listening:

        def serve() -> None:
            with suppress(OSError):
                while True:
                    line, _ = listening.accept()
                    with suppress(OSError), context.wrap_socket(line, server_side=True) as served:
                        served.recv(1)

        threading.Thread(target=serve, daemon=True).start()
        yield listening.getsockname()[1]
        listening.shutdown(SHUT_RDWR)  # also ends the waiting accept


def test_certificates_are_looked_at_and_their_end_is_told_in_time(
    operator: Client, axis: Axis, settings: Any, tmp_path: Path, frozen_clock: Any
) -> None:
    now = clock.now().replace(microsecond=0)
    frozen_clock(now)
    with tls_server(tmp_path, now + timedelta(days=20)) as port:
        site(settings, base_url=f"https://127.0.0.1:{port}", axis_webhook_allow="")
        Webhook.objects.create(
            member=queries.member("H37"), url=f"https://127.0.0.1:{port}/chuong", created_at=now
        )
        assert certificates.look() == 1
    own = WatchedCertificate.objects.get(place="site")
    assert (own.subject, own.ends_at) == ("CN=truc.h27.gov.vn", now + timedelta(days=20))
    assert "không nằm trong mạng được phép gọi" in WatchedCertificate.objects.get(place="webhook").problem
    said = text_of(operator.get("/axis/keys/"))
    assert "Hết hạn trong 30 ngày tới: chuẩn bị thay." in said
    assert "Chứng thư: Địa chỉ của trục này" in text_of(operator.get("/axis/"))
    frozen_clock(now + timedelta(days=14))
    assert "Hết hạn trong 7 ngày tới: thay ngay." in text_of(operator.get("/axis/keys/"))
    frozen_clock(now + timedelta(days=21))
    assert certificates.look() == 0, "the server is gone; what was known stays"
    first = keys.certificates()[0]
    assert [concern.sentence for concern in first.concerns] == [
        "Đã hết hạn: thay ngay.",
        "Lần gần nhất không xem được chứng thư.",
    ]
    site(settings, base_url="http://truc")
    certificates.look()
    assert not WatchedCertificate.objects.filter(place="site").exists()


def test_a_parent_that_is_silent_is_shown_with_what_waits_and_who_must_act(
    operator: Client, axis: Axis, settings: Any, frozen_clock: Any, tmp_path: Path
) -> None:
    assert "Đường lên trục cấp trên" not in text_of(operator.get("/axis/queues/"))
    (tmp_path / "secret").write_text("x" * 40)
    site(
        settings,
        axis_code="TRUC-TINH",
        parent_url="http://127.0.0.1:9",
        parent_system_id="TRUC-H27",
        parent_secret_file=tmp_path / "secret",
    )
    start = clock.now()
    frozen_clock(start)
    AxisAgency.objects.update(stage=Stage.LIVE)
    AxisAgency.objects.filter(code="H37.05").update(member=parent.line().member)
    axis.province.send_edoc(document(priority=1), sender="H27.01", message_type="edoc")
    parent_jobs.forward_all()
    said = text_of(operator.get("/axis/queues/"))
    assert "Trục cấp trên chưa trả lời lần nào" in said
    assert "Chờ chuyển lên 1 (1 khẩn)" in said
    assert "Chưa kết nối được trục liên thông" in said
    assert "Hệ thống đang bị ngừng" not in said, "the parent is no member that should call"
    assert "Khóa bí mật dùng từ" in said and "Khóa bí mật gọi trục cấp trên dùng đã lâu" not in said
    old = (start - timedelta(days=1 + settings.VANTHU.axis_secret_days)).timestamp()
    os.utime(tmp_path / "secret", (old, old))
    assert "Khóa bí mật gọi trục cấp trên dùng đã lâu" in text_of(operator.get("/axis/queues/"))
    frozen_clock(start + timedelta(minutes=11))
    said = text_of(operator.get("/axis/"))
    assert "Đang chờ nhận 1 trong đó 1 khẩn" in said
    assert "Đường lên trục cấp trên" in said
    [first, *others] = [c.sentence for c in thresholds.parent_concerns(_silent(start), clock.now())]
    assert first.startswith("Văn bản khẩn chưa chuyển lên được")
    assert others == ["Trục cấp trên chưa trả lời mấy phút nay; trục tự thử lại."]

    frozen_clock(start + timedelta(hours=45))
    parent_jobs.forward_all()
    assert Forward.objects.get().state == ForwardState.FAILED
    said = text_of(operator.get("/axis/queues/"))
    assert "Trục cấp trên không trả lời cho tới khi hết hạn thử" in said
    assert "Đơn vị vận hành trục" in said
    failed = text_of(operator.get("/axis/failures/"))
    assert "Trục cấp trên không trả lời cho tới khi hết hạn thử 1 Đơn vị vận hành trục" in failed
    assert operator.post("/axis/failures/forward-unreachable/again/").status_code == 302
    frozen_clock(start + timedelta(hours=46))
    parent_jobs.forward_all()
    assert Forward.objects.filter(state=ForwardState.WAITING).count() == 1


def _silent(start: datetime) -> thresholds.ParentFacts:
    return thresholds.ParentFacts(
        answered_at=start,
        failures=3,
        problem="im lặng",
        oldest=start,
        oldest_urgent=start,
        failed=0,
        untold=0,
    )


def test_the_axis_clock_is_compared_with_the_authority() -> None:
    assert thresholds.own_clock_concerns(timedelta(seconds=3)) == []
    [concern] = thresholds.own_clock_concerns(timedelta(seconds=-9))
    assert concern.tone is Tone.ACT


def test_the_time_a_certificate_ends_is_read_in_utc() -> None:
    ends = datetime(2026, 12, 1, tzinfo=UTC)
    assert thresholds.ending_concerns(ends, ends - timedelta(days=31)) == []
    assert thresholds.ending_concerns(None, ends) == []
