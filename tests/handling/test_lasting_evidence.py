"""Evidence of signatures in files to which nothing can be added: stamped, renewed, judged again years later."""

from __future__ import annotations

import io
import subprocess
import zipfile
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from tests import world as worlds
from tests.handling import letters
from tests.handling.test_other_signatures import signed_alone
from tests.jobs import run_jobs
from tests.pades.conftest import Authority, with_stronger_stamps
from tests.signing.staff import signed_in

from vanthu.base import clock
from vanthu.demo import pki
from vanthu.handling import actions
from vanthu.pades import Verdict
from vanthu.pades.errors import LongTermUnavailable
from vanthu.pades.evidence_record import Link, proven_since
from vanthu.records.models import Direction, Document
from vanthu.signing import chaining, jobs, preserving, service
from vanthu.signing.evidence_models import EvidenceLink, Preservation, SignatureEvidence

ARRIVED = worlds.NOW


@pytest.fixture
def authority(world: worlds.World, monkeypatch: pytest.MonkeyPatch) -> Iterator[Authority]:
    """The real OCSP and time-stamping services of the world's authority, at whatever the clock says."""
    found = Authority(worlds.authority(), worlds.services())
    between = pki.intermediates(found.folder)
    monkeypatch.setattr(service, "trust", lambda: found.trust(clock.now(), intermediates=between))
    monkeypatch.setattr(service, "timestamper", lambda: found.timestamper(clock.now()))
    yield found


def test_evidence_of_a_signed_file_is_stamped_renewed_and_judged_again_years_later(
    world: worlds.World,
    authority: Authority,
    frozen_clock: Callable[[datetime], None],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    frozen_clock(ARRIVED)
    content = worlds.official_letter(world.province)
    beside = signed_alone(tmp_path, b"bang so lieu")
    files = [
        ("cong-van.pdf.p7m", signed_alone(tmp_path, content, inside=True)),
        ("bang.csv", b"bang so lieu"),
        ("bang.csv.p7s", beside),
    ]
    letters.issued(world.province, [world.department.agency], attached=files)
    run_jobs()
    letter = Document.objects.get(agency=world.department.agency, direction=Direction.INCOMING)
    actions.register(world.department.actor("clerk"), letter.pk)
    with monkeypatch.context() as dying:
        dying.setattr(chaining, "record", die)
        with pytest.raises(KeyboardInterrupt):
            jobs.renew_archived()
    assert not EvidenceLink.objects.exists(), "whoever is killed leaves nothing"
    Preservation.objects.update(renew_at=ARRIVED)  # the dead worker's lease is over
    jobs.renew_archived()
    jobs.renew_archived()
    plans = {row.ordinal: row for row in Preservation.objects.filter(document=letter)}
    assert EvidenceLink.objects.count() == 2, "one for each signed file"
    assert plans[1].renew_at is None, "nothing was signed in the table itself"
    sunset = plans[0].renew_at
    assert sunset is not None and sunset.year == 2030, "the authority's RSA-2048 key leaves the table"
    found = chaining.chained(plans[0].source_sha256)
    detached = chaining.chained(plans[2].source_sha256)
    assert found is not None and detached is not None
    with pytest.raises(DatabaseError), transaction.atomic():
        EvidenceLink.objects.update(ordinal=7)

    # Its time comes; the authority has a stronger key by then, which lasts longer.
    frozen_clock(later := sunset + timedelta(hours=1))
    stronger = with_stronger_stamps(authority, tmp_path)
    monkeypatch.setattr(service, "timestamper", lambda: stronger.timestamper(clock.now()))
    between = pki.intermediates(stronger.folder)
    monkeypatch.setattr(service, "trust", lambda: stronger.trust(clock.now(), intermediates=between))
    jobs.renew_archived()
    assert [link.ordinal for link in found.links.order_by("ordinal")] == [0, 1]
    frozen_clock(years := later + timedelta(days=600))
    plain = service.check(found.sha256)
    assert plain.verdict != Verdict.VALID.value, "by itself the file proves nothing any more"
    for one, name in ((found, "cong-van"), (detached, "bang")):
        again, since = chaining.judged_then(one)
        assert (again.verdict, since) == (Verdict.VALID, ARRIVED), name

    # One byte of anything, a missing link, or a chain in another order proves nothing.
    record, links = chaining.links_of(found)
    trust = service.trust()
    for wrong in (
        lambda: proven_since(record + b" ", links, trust, at=years),
        lambda: proven_since(record, links[1:], trust, at=years),
        lambda: proven_since(record, links[:1], trust, at=years),
        lambda: proven_since(record, links[::-1], trust, at=years),
        lambda: proven_since(
            record, [Link(links[0].token, links[1].of_the_one_before), links[1]], trust, at=years
        ),
    ):
        with pytest.raises(LongTermUnavailable):
            wrong()

    clerk = signed_in(world.department.posts["clerk"])
    page = clerk.get(f"/documents/{letter.pk}/evidence/").content.decode()
    assert page.count("Dấu thời gian trên bằng chứng:") == 4
    packed = clerk.get(f"/documents/{letter.pk}/evidence/{found.pk}.zip").content
    zipfile.ZipFile(io.BytesIO(packed)).extractall(tmp_path / "zip")
    roots = str(authority.folder / "root.pem")
    helpers = ["-untrusted", str(authority.folder / "issuer.pem")]
    for number, at in (("01", ARRIVED), ("02", later)):
        part = tmp_path / "zip" / "evidence-record" / number
        words = ["-data", f"{part}.txt", "-in", f"{part}.tst", "-token_in", "-CAfile", roots, *helpers]
        command = ["openssl", "ts", "-verify", *words, "-attime", str(int(at.timestamp()) + 3600)]
        said = subprocess.run(command, capture_output=True, text=True, check=False)
        assert "Verification: OK" in said.stdout, said.stderr
    stranger = signed_in(world.province.posts["leader"])
    assert stranger.get(f"/documents/{letter.pk}/evidence/{found.pk}.zip").status_code == 404
    assert preserving.due() == []
    assert SignatureEvidence.objects.filter(pk=found.pk).exists()


def die(*_: Any, **__: Any) -> None:
    raise KeyboardInterrupt
