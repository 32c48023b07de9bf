"""What can keep the demonstration from running, in words for the person who started it."""

from __future__ import annotations

from vanthu.errors import MustAct, VanthuError


class DemoError(VanthuError):
    """Base of the errors of the demonstration."""

    code = "DEMO_ERROR"
    message = "Bản chạy thử gặp lỗi."
    must_act = MustAct.ADMINISTRATOR


class PortTaken(DemoError):
    """Another program listens where the demonstration wants to."""

    code = "DEMO_PORT_TAKEN"
    message = (
        "Cổng {port} (dành cho {purpose}) đang bị chiếm bởi {owner}. Hãy dừng chương trình đó, hoặc chọn dãy "
        "cổng khác, ví dụ: VANTHU_DEMO_PORT=8200 make demo"
    )


class AlreadyRunning(DemoError):
    """The demonstration of this folder runs in another process."""

    code = "DEMO_ALREADY_RUNNING"
    message = "Bản chạy thử đang chạy trong một cửa sổ khác (tiến trình {pid})."


class PreparationFailed(DemoError):
    """A site could not be migrated or filled."""

    code = "DEMO_PREPARATION_FAILED"
    message = "Không chuẩn bị được {site}. Phần cuối của tệp {log}:\n{tail}"


class NotReady(DemoError):
    """A process ended at once, or did not answer in time."""

    code = "DEMO_NOT_READY"
    message = "{name} không sẵn sàng: {reason}. Phần cuối của tệp {log}:\n{tail}"
