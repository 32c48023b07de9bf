"""``vanthu story`` over the running demonstration: it holds, and it says so when something was tampered with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cluster.helpers import rows
from tests.formalities.papers import scanned

from vanthu.demo import samples
from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import GOVERNMENT_OFFICE, HA_TINH, DemoSite
from vanthu.demo.story.journey import tell_story
from vanthu.demo.story.judging import judge_sites
from vanthu.demo.story.report import Moment, StoryReport
from vanthu.demo.story.stories import Paper, letterhead_of, sample_papers


def tell(cluster: DemoCluster, *files: Path) -> tuple[int, dict[str, Any]]:
    """Run the command; its exit status and its report."""
    command = [sys.executable, "-m", "vanthu", "story", "--json", "--root", str(cluster.root)]
    done = subprocess.run(
        [*command, *map(str, files)],
        env=cluster.env(HA_TINH) | {"VANTHU_DEMO_PORT": str(cluster.base_port)},
        capture_output=True,
        text=True,
        timeout=500,
        check=False,
    )
    assert done.stdout, done.stderr
    return done.returncode, json.loads(done.stdout)


def broken(report: dict[str, Any]) -> list[str]:
    """What does not hold, and what stopped the story."""
    proofs = [*report["proofs"], *(proof for line in report["documents"] for proof in line["proofs"])]
    stopped = [report["refused"]] if report["refused"] else []
    return [proof["name"] for proof in proofs if not proof["holds"]] + stopped


@contextmanager
def missing_row(cluster: DemoCluster, site: DemoSite, table: str, which: str) -> Iterator[None]:
    """Somebody with the database's own key takes one row away, past the triggers that forbid it."""
    with cluster.database.connect(f"vanthu_{site.code}") as connection:
        connection.execute("SET session_replication_role = replica")
        connection.execute(f"CREATE TEMP TABLE taken AS SELECT * FROM {table} WHERE {which} LIMIT 1")
        gone = connection.execute(f"DELETE FROM {table} WHERE id IN (SELECT id FROM taken)")
        assert gone.rowcount == 1
        try:
            yield
        finally:
            connection.execute(f"INSERT INTO {table} SELECT * FROM taken")


def test_the_story_of_the_samples_holds(cluster: DemoCluster) -> None:
    status, report = tell(cluster)

    assert broken(report) == []
    assert (status, report["holds"]) == (0, True)
    assert len(report["documents"]) == 2
    for line in report["documents"]:
        states = {row["state"] for row in line["recipients"]}
        assert (len(line["recipients"]), states) == (4, {"COMPLETED", "REJECTED"})
        assert line["proofs"]


def test_the_story_of_peoples_own_files_holds(cluster: DemoCluster, tmp_path: Path) -> None:
    """A Word file that names another signer, and a scan that shows no place in words."""
    word, scan = tmp_path / "cong-van.docx", tmp_path / "ban-quet.pdf"
    word.write_bytes(samples.cong_van_docx(letterhead=letterhead_of("hatinh", "thanhsen.chutich", "VP")))
    scan.write_bytes(scanned(samples.cong_van()))

    status, report = tell(cluster, word, scan)

    assert broken(report) == []
    assert (status, report["holds"]) == (0, True)
    assert [line["file"] for line in report["documents"]] == ["cong-van.docx", "ban-quet.pdf"]


def test_a_line_taken_out_of_the_log_and_a_number_out_of_the_register_are_found(cluster: DemoCluster) -> None:
    old_number = "number = (SELECT min(number) FROM records_registerentry)"
    with (
        missing_row(cluster, GOVERNMENT_OFFICE, "audit_event", "sequence = 2"),
        missing_row(cluster, HA_TINH, "records_registerentry", old_number),
    ):
        proofs = judge_sites(cluster)

    assert [proof.name for proof in proofs if not proof.holds] == [
        f"Sổ đăng ký liên tục ({HA_TINH.name})",
        f"Chuỗi nhật ký nguyên vẹn ({GOVERNMENT_OFFICE.name})",
    ]


def test_a_byte_changed_in_the_recipients_store_is_found(cluster: DemoCluster) -> None:
    first = sample_papers()[0]
    paper = Paper(first.name, first.content, first.subject)
    spoiled: list[Path] = []

    def spoil(moment: Moment) -> None:
        """As soon as the Government Office has registered, before anything is compared."""
        if "vào sổ" in moment.what and "VPCP" in moment.who:
            spoiled.append(flip_a_byte(cluster, GOVERNMENT_OFFICE))

    report: StoryReport = tell_story(cluster, [paper], spoil)

    assert len(spoiled) == 1
    flip(spoiled[0])
    assert not report.holds
    assert report.refused or broken(report.as_dict()) == ["Mã băm bằng nhau ở hai đầu"]


def flip_a_byte(cluster: DemoCluster, site: DemoSite) -> Path:
    """In the newest received main file of a site."""
    [(sha256,)] = rows(
        cluster,
        site,
        "SELECT sha256 FROM records_documentfile WHERE kind = 'MAIN' AND stage = 'RECEIVED' "
        "ORDER BY id DESC LIMIT 1",
    )
    return flip(cluster.root / site.code / "blobs" / sha256[:2] / sha256[2:4] / sha256)


def flip(path: Path) -> Path:
    """Turn one bit of the middle byte; turning it twice mends it."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(bytes(content))
    return path
