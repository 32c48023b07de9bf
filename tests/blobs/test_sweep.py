"""What killed processes leave behind in the file store does not stay for ever."""

from __future__ import annotations

import os
import time

import pytest
from django.conf import settings

from vanthu.blobs import jobs, store


@pytest.mark.django_db
def test_fragments_of_killed_processes_go_after_a_day_and_nothing_else_does() -> None:
    kept = store.put(b"a whole content")
    root = settings.VANTHU.blob_dir
    old, young = root / ".incoming-old", root / ".incoming-young"
    for path in (old, young):
        path.write_bytes(b"a frag")
    yesterday = time.time() - store.UNFINISHED_SECONDS - 1
    os.utime(old, (yesterday, yesterday))
    os.utime(store.path_of(kept.sha256), (yesterday, yesterday))

    jobs.sweep_incoming()

    assert (old.exists(), young.exists()) == (False, True)
    assert store.read(kept.sha256) == b"a whole content"
