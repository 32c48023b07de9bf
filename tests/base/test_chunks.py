"""Encrypted streams: what comes out is what went in, or nothing is believed."""

from __future__ import annotations

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vanthu.base import chunks


@settings(max_examples=15, deadline=None)
@given(st.sampled_from([0, 1, chunks.CHUNK - 1, chunks.CHUNK, chunks.CHUNK + 1, 2 * chunks.CHUNK]), st.data())
def test_every_change_of_an_encrypted_stream_is_noticed(size: int, data: st.DataObject) -> None:
    key, plain = chunks.new_key(), bytes(size)
    target = io.BytesIO()
    chunks.encrypt(io.BytesIO(plain), target, key)
    sealed, opened = target.getvalue(), io.BytesIO()
    chunks.decrypt(io.BytesIO(sealed), opened, key)
    assert opened.getvalue() == plain
    at = data.draw(st.integers(0, len(sealed) - 1))
    swapped = sealed[chunks.CHUNK + 16 :] + sealed[: chunks.CHUNK + 16]
    for broken in (
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :],
        sealed[:at],
        sealed + b"\0",
        swapped if swapped != sealed else b"",
    ):
        with pytest.raises(chunks.ChunksDamaged):
            chunks.decrypt(io.BytesIO(broken), io.BytesIO(), key)
    with pytest.raises(chunks.ChunksDamaged):
        chunks.decrypt(io.BytesIO(sealed), io.BytesIO(), chunks.new_key())
