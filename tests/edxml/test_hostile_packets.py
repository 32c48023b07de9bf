"""Bytes made to harm are refused with a clear error and cost little."""

from __future__ import annotations

import base64
import io
import struct
import subprocess
import sys
import textwrap
import time
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.edxml import packets
from tests.edxml.packets import HEADER, PDF, TRACE, attached, raw, zipped

from vanthu.edxml import (
    AttachmentBomb,
    BadValue,
    DuplicateElement,
    ForbiddenDoctype,
    Limits,
    NotAPacket,
    NoteCode,
    NotXml,
    PacketError,
    TooDeep,
    TooLarge,
    TooManyAttachments,
    TooManyElements,
    read,
    write,
)


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE edXML>",
        '<!DOCTYPE edXML SYSTEM "http://example.vn/x.dtd">',
        '<!DOCTYPE edXML [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>',
        '<!DOCTYPE edXML [<!ENTITY a SYSTEM "file:///etc/passwd">]>',
    ],
)
def test_any_doctype_is_refused(doctype):
    with pytest.raises(ForbiddenDoctype):
        read(raw(prolog='<?xml version="1.0"?>' + doctype))


def test_an_entity_without_declaration_is_not_xml():
    with pytest.raises(NotXml):
        read(raw(HEADER + "<e:Content>&secret;</e:Content>"))


@pytest.mark.parametrize(
    "data", [b"", b"   ", b"%PDF-1.7", b"{}", b"\x00" * 9, b"<a>", b"<a/><b/>", b"--x", raw()[:-9]]
)
def test_what_is_not_xml_is_told(data):
    with pytest.raises(NotXml):
        read(data)


@pytest.mark.parametrize("encoding", ["utf-99", "shift_jis", "utf-7"])
def test_a_strange_encoding_is_refused(encoding):
    with pytest.raises(NotXml):
        read(raw(prolog=f'<?xml version="1.0" encoding="{encoding}"?>'))


@pytest.mark.parametrize("data", [b"<html/>", b"<edXML/>", raw(""), raw(HEADER.replace("H99.05<", "<", 1))])
def test_xml_that_is_no_packet_is_told(data):
    with pytest.raises(NotAPacket):
        read(data)


@pytest.mark.parametrize(
    "header",
    [
        HEADER + "<e:DocumentId>78</e:DocumentId>",
        HEADER + "<e:From><e:OrganId>H1</e:OrganId></e:From>",
        HEADER.replace("<e:OrganId>H99.05<", "<e:OrganId>H1</e:OrganId><e:OrganId>H99.05<"),
        HEADER + "</e:MessageHeader><e:MessageHeader>" + HEADER,
        HEADER + "<e:MessageHeader>" + HEADER + "</e:MessageHeader>",
    ],
    ids=["two ids", "two senders", "two codes of the sender", "two headers", "a header in the header"],
)
def test_two_values_where_one_may_stand_are_refused(header):
    with pytest.raises(DuplicateElement):
        read(raw(header))


@pytest.mark.parametrize(
    "after",
    [
        f"<Signature><Object><e:MessageHeader>{HEADER}</e:MessageHeader></Object></Signature>",
        "<Signature><SignedInfo/></Signature><Signature><SignedInfo/></Signature>",
    ],
    ids=["a header wrapped into the signature", "two signatures"],
)
def test_signature_wrapping_is_refused(after):
    with pytest.raises(DuplicateElement):
        read(raw(after_header=after))


def test_a_signature_out_of_place_is_noted():
    result = read(raw(HEADER + "<Signature><SignedInfo/></Signature>"))
    assert NoteCode.SIGNATURE_MISPLACED in {note.code for note in result.notes}


def test_two_contents_of_one_attachment_are_refused():
    twice = attached("a.pdf", PDF).replace("</Attachment>", "<e:value>QUJD</e:value></Attachment>")
    with pytest.raises(DuplicateElement):
        read(raw(attachments=twice))


@pytest.mark.parametrize("kind", ["x", "-1", "1e9", "99999"])
def test_a_business_kind_that_cannot_be_understood_is_refused(kind):
    with pytest.raises(BadValue):
        read(raw(trace=f"<e:Bussiness><e:BussinessDocType>{kind}</e:BussinessDocType></e:Bussiness>"))


@pytest.mark.parametrize(
    ("data", "limits", "error"),
    [
        (raw(), Limits(max_size=500), TooLarge),
        (raw(), Limits(max_text=50), TooLarge),
        (raw("<a>" * 100 + "</a>" * 100), Limits(), TooDeep),
        (raw("<a/>" * 60_000), Limits(), TooManyElements),
        (
            raw("<a " + " ".join(f'b{n}=""' for n in range(60_000)) + "/>"),
            Limits(max_token=9_000_000),
            TooManyElements,
        ),
        (raw(f'<a b="{"x" * 1_000_000}"/>'), Limits(), TooLarge),
        (raw(f"<!--{'x' * 1_000_000}-->"), Limits(), TooLarge),
        (raw(f"<{'x' * 1_000_000}/>"), Limits(), TooLarge),
        (
            raw(after_header=f"<Signature>{('<!--' + 'x' * 9_000 + '-->') * 600}</Signature>"),
            Limits(),
            TooLarge,
        ),
        (raw(attachments=attached("a.pdf", PDF) * 4), Limits(max_attachments=3), TooManyAttachments),
    ],
)
def test_limits_hold(data, limits, error):
    with pytest.raises(error):
        read(data, limits=limits)


@pytest.mark.parametrize(
    "data",
    [
        raw(attachments="<Attachment><AttachmentName>a</AttachmentName></Attachment>" * 24_000),
        raw(attachments=attached("a.pdf", b"x") * 20_000),
        raw(manifest="<e:Reference/>" * 45_000),
        b'Content-Type: multipart/related; boundary="b"\n\n' + b"--b\n\n<a/>\n" * 100_000,
        b'Content-Type: multipart/related; boundary="b"\n\n' + b"--b\nContent-ID: a\n\nx\n" * 100_000,
        raw(attachments=attached("a.pdf", b"x") * 100_000),
    ],
    ids=["empty ones", "short ones", "manifest lines", "MIME parts", "raw MIME parts", "a hundred thousand"],
)
def test_attachments_without_number_are_refused_soon(data):
    started = time.process_time()
    with pytest.raises((TooManyAttachments, TooManyElements)):
        read(data)
    assert time.process_time() - started < 5, "seconds"


def test_a_thousand_entity_levels_are_never_built():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 1_000))
    with pytest.raises(ForbiddenDoctype):
        read(raw(HEADER + "&l999;", prolog=f'<!DOCTYPE edXML [<!ENTITY l0 "ha">{levels}]>'))


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"<a>" * 1_000_000, TooDeep),
        (raw(after_header="<Signature>" + "<a>" * 100_000), TooDeep),
        (raw(attachments="<Attachment>" * 100_000), TooDeep),
    ],
    ids=["from the root", "in the signature", "attachment in attachment"],
)
def test_deep_nesting_is_refused_before_it_is_built(data, error):
    with pytest.raises(error):
        read(data)


def test_padding_after_padding_costs_no_more_than_other_text():
    started = time.process_time()
    read(raw(attachments=attached("a.pdf", "QQ==" * 1_000_000)))
    assert time.process_time() - started < 5, "seconds"


class Endless(io.RawIOBase):
    """A packet whose one attachment goes on for gigabytes."""

    def __init__(self, pattern: bytes, size: int) -> None:
        super().__init__()
        self._left = size
        self._head = raw(attachments=attached("a.pdf", "")).split(b"</e:ContentTransferEncoded>")[0]
        self._pattern = pattern * (64 * 1024 // len(pattern))
        self.given = 0

    def read(self, size: int = -1) -> bytes:
        piece, self._head = self._head or self._pattern, b""
        self.given += len(piece)
        return piece if self.given < self._left else b""


@pytest.mark.parametrize("pattern", [b"QUJD", b"QUJD\r\n", b"    ", b"****", b"<!---->"])
def test_two_gigabytes_of_base64_are_given_up_at_the_limit(pattern):
    stream = Endless(pattern, 2 << 30)
    with pytest.raises(TooLarge):
        read(stream, limits=Limits(max_size=16 << 20))
    assert stream.given < (16 << 20) + (1 << 17)


def test_a_zip_bomb_in_a_zip_bomb_is_refused():
    with pytest.raises(AttachmentBomb):
        read(raw(attachments=attached("a.pdf", zipped(zipped(b"\0" * 30_000_000)))))


def test_many_large_attachments_take_one_file_handle(tmp_path):
    big = base64.b64encode(bytes(300_000)).decode()
    files = "".join(attached(f"{n}.bin", big, content_id=str(n), label="") for n in range(60))
    before = len(list(Path("/proc/self/fd").iterdir()))
    result = read(raw(attachments=files), spool_dir=tmp_path)
    assert len(list(Path("/proc/self/fd").iterdir())) <= before + 1
    assert {one.content.read() for one in result.packet.attachments} == {bytes(300_000)}


@pytest.mark.parametrize(
    "hidden",
    [
        "<Signature><Object><Attachment><AttachmentName>x</AttachmentName></Attachment></Object></Signature>{}",
        f"{{}}<Signature><Object><e:TraceHeaderList>{TRACE}{TRACE}</e:TraceHeaderList></Object></Signature>",
    ],
    ids=["an attachment", "a trace"],
)
def test_what_stands_in_a_signature_is_no_part_of_the_packet(hidden):
    result = read(raw(after_header=hidden.format("")))
    assert result.packet.attachments == ()
    assert len(result.packet.trace) == 1


def test_an_envelope_moved_aside_for_another_one_is_refused():
    text = raw().decode()
    envelope = text[text.index("<e:edXMLEnvelope") : text.index("<AttachmentEncoded>")]
    with pytest.raises(DuplicateElement):
        read(text.replace(envelope, envelope + envelope.replace("152", "153")).encode())


def test_a_zip_bomb_is_refused_by_its_ratio():
    with pytest.raises(AttachmentBomb):
        read(raw(attachments=attached("a.pdf", zipped(b"\0" * 20_000_000))))


def test_the_unpacked_total_is_limited_over_all_attachments():
    files = "".join(attached(f"{n}.bin", zipped(bytes(range(256)) * 40), content_id=str(n)) for n in range(5))
    with pytest.raises(AttachmentBomb):
        read(raw(attachments=files), limits=Limits(max_unpacked=40_000))


def test_a_zip_with_several_entries_stays_a_zip():
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w") as archive:
        archive.writestr("a", b"1")
        archive.writestr("../../b", b"2")
    found = read(raw(attachments=attached("a.pdf", memory.getvalue()))).packet.attachments[0]
    assert found.content.read() == memory.getvalue()
    assert NoteCode.UNEXPECTED_ARCHIVE in {note.code for note in found.notes}


@pytest.mark.parametrize(
    "twist",
    [
        lambda data: data.replace(b"\x08\x00", b"\x0e\x00"),  # LZMA
        lambda data: data.replace(b"\x14\x00\x00\x00\x08\x00", b"\x14\x00\x01\x00\x08\x00"),  # encrypted
        lambda data: data[:-10] + struct.pack("<II", 4_000_000_000, 0) + data[-2:],  # a directory of 4 GB
        lambda data: data[:40] + b"\xff" * 40 + data[80:],
        lambda data: data[:-22] + b"PK\x06\x07" + b"\0" * 16 + data[-22:],  # 64-bit records
    ],
)
def test_a_twisted_zip_never_raises_and_is_not_believed(twist):
    data = twist(zipped(PDF * 20))
    found = read(raw(attachments=attached("a.pdf", data))).packet.attachments[0]
    assert found.content.read() == data
    assert found.notes


def test_a_part_of_a_mime_packet_may_not_hide_a_second_header():
    head = b'Content-Type: multipart/related; boundary="b"\n\n'
    part = b"--b\nContent-Type: text/xml\n\n" + raw() + b"\n"
    with pytest.raises(DuplicateElement):
        read(head + part * 2 + b"--b--")


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_bytes_make_reading_fail_otherwise(data):
    with pytest.raises(PacketError):
        read(data)


GOOD = write(packets.update())
OLD = b'Content-Type: multipart/related; boundary="b"\n\n--b\nA: b\n\n' + raw() + b"\n--b\n\n<x/>\n--b--"


@settings(max_examples=400, deadline=None)
@given(st.sampled_from([GOOD, write(packets.status()), OLD]), st.data())
def test_no_change_to_a_good_packet_makes_reading_fail_otherwise(packet, data):
    place = data.draw(st.integers(0, len(packet) - 1))
    length = data.draw(st.integers(0, 40))
    inserted = data.draw(
        st.binary(max_size=8) | st.sampled_from([b"<", b">", b"&", b"</e>", b"<!--", b"\n--b\n"])
    )
    try:
        read(packet[:place] + inserted + packet[place + length :])
    except PacketError as refusal:
        assert refusal.text
        assert "{" not in refusal.text


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=120), st.sampled_from(["a.pdf", "a.zip", "a.docx", "a"]), st.data())
def test_no_attachment_bytes_make_reading_fail(junk, name, data):
    good = zipped(PDF)
    place = data.draw(st.integers(0, len(good)))
    for body in (junk, b"PK\x03\x04" + junk, good[:place] + junk + good[place + len(junk) :]):
        read(raw(attachments=attached(name, base64.b64encode(body).decode())))


def test_a_packet_of_a_hundred_megabytes_is_read_and_written_in_little_memory(tmp_path):
    """In a process of its own, whose peak memory the system measures."""
    program = textwrap.dedent(
        """
        import os, re, sys
        from pathlib import Path
        from tests.edxml import packets
        from vanthu.edxml import Attachment, Content, read, write_to

        folder = Path(sys.argv[1])
        noise = os.urandom(1 << 20)
        with (folder / "a.bin").open("wb") as out:
            for _ in range(40):
                out.write(noise)
        big = Content.from_path(folder / "a.bin")
        files = (Attachment("a.pdf", big), Attachment("b.png", big))
        packet = packets.document(attachments=files)
        with (folder / "goi.edxml").open("wb") as out:
            write_to(packet, out)
        result = read(folder / "goi.edxml", spool_dir=folder)
        assert result.packet == packet
        assert sum(len(chunk) for chunk in result.packet.attachments[1].content.chunks()) == big.size
        # Not getrusage: its peak counts what the parent held when it forked.
        print(int(re.search(r"VmHWM:\\s+(\\d+)", Path("/proc/self/status").read_text())[1]) // 1024)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 60, "MB"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.bin", "goi.edxml"]
