"""Attachment bytes: opened again and again, from memory, disk or elsewhere."""

from __future__ import annotations

import hashlib
import io

import pytest

from vanthu.edxml import Content, Spool

LARGE = bytes(range(256)) * 4096  # 1 MB: beyond what stays in memory


def spooled(data: bytes, folder) -> Content:
    spool = Spool(folder)
    for start in range(0, len(data), 100_000):
        spool.write(data[start : start + 100_000])
    return spool.finish()


@pytest.mark.parametrize("data", [b"", b"abc", LARGE], ids=["empty", "small", "large"])
def test_spooled_bytes_come_back_and_leave_no_file_behind(data, tmp_path):
    content = spooled(data, tmp_path)
    assert content.size == len(data)
    assert content.sha256 == hashlib.sha256(data).hexdigest()
    assert content.read() == data == b"".join(content.chunks())
    assert content.head(3) == data[:3]
    assert list(tmp_path.iterdir()) == []


def test_two_readers_do_not_disturb_each_other(tmp_path):
    content = spooled(LARGE, tmp_path)
    with content.open() as one, content.open() as other:
        assert one.read(5) == LARGE[:5]
        other.seek(-3, io.SEEK_END)
        assert one.read(5) == LARGE[5:10]
        assert other.read() == LARGE[-3:]
        assert other.tell() == len(LARGE)
        one.seek(-5, io.SEEK_CUR)
        assert one.read(5) == LARGE[5:10]
    assert content.read() == LARGE


def test_contents_are_equal_when_their_bytes_are(tmp_path):
    path = tmp_path / "a.bin"
    path.write_bytes(LARGE)
    digest = hashlib.sha256(LARGE).hexdigest().upper()
    kept = Content.from_opener(lambda: path.open("rb"), size=len(LARGE), sha256=digest)
    contents = [Content.of(LARGE), Content.from_path(path), spooled(LARGE, tmp_path), kept]
    assert len(set(contents)) == 1
    assert all(content.read() == LARGE for content in contents)
    assert Content.of(b"a") != Content.of(b"b")
    assert Content.of(b"a") != b"a"
