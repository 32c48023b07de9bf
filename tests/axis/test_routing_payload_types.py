"""A new type of message is configuration: declared in a file, carried without a line of code (R182)."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from tests.axis.axis_parts import Axis, document

from vanthu.axis import payloads
from vanthu.axis.models import Packet
from vanthu.vxp import VxpRefused

GAZETTE = b"\x00 Cong bao so 12 \xff khong phai XML"


@pytest.fixture
def declare(settings: Any, tmp_path: Path) -> Callable[[str], None]:
    """Writes the operator's file."""

    def write(text: str) -> None:
        file = tmp_path / f"loai-{len(list(tmp_path.iterdir()))}.toml"
        file.write_text(text, encoding="utf-8")
        settings.VANTHU = settings.VANTHU.model_copy(update={"axis_payload_types_file": file})

    return write


@pytest.fixture
def gazette(declare: Callable[[str], None]) -> None:
    declare(
        '[cong-bao]\nlabel = "Công báo"\nmax_mb = 1\n\n[phieu-lay-y-kien]\nlabel = "Phiếu"\naddressing = "header"\n'
    )


def test_a_made_up_type_travels_from_end_to_end(axis: Axis, gazette: None) -> None:
    sent = axis.province.send_edoc(
        GAZETTE,
        sender="H27.01",
        message_type="cong-bao",
        to=["H37.05", "H27.02"],
        document_id="CB-12/2026",
        priority=2,
    )

    [row] = axis.district.received("cong-bao")
    assert (row.message_type, row.sender, row.recipient) == ("cong-bao", "H27.01", "H37.05")
    assert axis.district.received("edoc") == axis.district.received("status") == []
    target = io.BytesIO()
    axis.district.download(row.doc_id, target, sha256=row.sha256)
    assert target.getvalue() == GAZETTE
    axis.district.update_status(row.doc_id, "done")

    states = {told.recipient: told.receive_status for told in axis.province.sent(sent.doc_id)}
    assert states == {"H37.05": "done", "H27.02": "initial"}
    packet = Packet.objects.get()
    assert (packet.kind, packet.document_id, packet.priority) == ("cong-bao", "CB-12/2026", 2)


def test_the_same_gazette_again_is_not_delivered_twice(axis: Axis, gazette: None) -> None:
    first, again = (
        axis.province.send_edoc(
            body, sender="H27.01", message_type="cong-bao", to=["H37.05"], document_id="CB-12/2026"
        )
        for body in (GAZETTE, GAZETTE + b" ban in lai")
    )
    assert first.doc_id == again.doc_id
    assert len(axis.district.received("cong-bao")) == 1


def test_a_type_addressed_by_its_header_needs_no_arguments(axis: Axis, gazette: None) -> None:
    axis.province.send_edoc(document(priority=1), sender="H27.01", message_type="phieu-lay-y-kien")
    [row] = axis.district.received("phieu-lay-y-kien")
    assert row.recipient == "H37.05"


def test_an_opaque_payload_says_for_whom_it_is(axis: Axis, gazette: None) -> None:
    with pytest.raises(VxpRefused, match="không có bên nhận"):
        axis.province.send_edoc(GAZETTE, sender="H27.01", message_type="cong-bao")


def test_nobody_sends_an_opaque_payload_in_anothers_name(axis: Axis, gazette: None) -> None:
    with pytest.raises(VxpRefused, match="khong dung voi ma da dang ky"):
        axis.province.send_edoc(GAZETTE, sender="H37.05", message_type="cong-bao", to=["H27.01"])


def test_a_type_has_its_own_size_limit(axis: Axis, gazette: None) -> None:
    with pytest.raises(VxpRefused, match="1 MB"):
        axis.province.send_edoc(
            b"x" * ((1 << 20) + 1), sender="H27.01", message_type="cong-bao", to=["H37.05"]
        )


def test_what_is_not_declared_is_refused(axis: Axis) -> None:
    with pytest.raises(VxpRefused, match="messagetype"):
        axis.province.send_edoc(GAZETTE, sender="H27.01", message_type="cong-bao", to=["H37.05"])
    with pytest.raises(VxpRefused, match="messagetype"):
        axis.district.received("cong-bao")


@pytest.mark.parametrize(
    "text",
    [
        "[cong-bao]\n",
        '[Công báo]\nlabel = "x"\n',
        '["Cong Bao"]\nlabel = "x"\n',
        '[edoc]\nlabel = "x"\n',
        '[cong-bao]\nlabel = "x"\naddressing = "post"\n',
        '[cong-bao]\nlabel = "x"\nmax_mb = 0\n',
        '[cong-bao]\nlabel = "x"\ncolour = "red"\n',
    ],
)
def test_a_file_that_declares_no_usable_type_says_what_is_wrong(
    declare: Callable[[str], None], text: str
) -> None:
    declare(text)
    with pytest.raises(payloads.PayloadTypesUnreadable) as error:
        payloads.all_types()
    assert ".toml" in error.value.text


def test_a_missing_file_is_a_fault_not_an_empty_list(settings: Any, tmp_path: Path) -> None:
    missing = tmp_path / "khong-co.toml"
    settings.VANTHU = settings.VANTHU.model_copy(update={"axis_payload_types_file": missing})
    with pytest.raises(payloads.PayloadTypesUnreadable):
        payloads.all_types()
