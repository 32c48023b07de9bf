"""Re-reads everything at both ends and says whether it holds; believes no site's own word where it can look itself."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from functools import partial
from typing import Any

from vanthu.demo.cluster import DemoCluster
from vanthu.demo.sites import AGENCY_SITES, SITES, DemoSite
from vanthu.demo.story.report import Proof
from vanthu.formalities import number_text, parse_code
from vanthu.pades import SignatureKind, Trust, Verdict, certificates_in, fields_match, validate


def judge_file(
    content: bytes, *, code: str, issued: str, signer: str, agency: str, trust: Trust
) -> list[Proof]:
    """The two signatures, by difference analysis, and the fields against the register."""
    report = validate(content, trust)
    reasons = "; ".join(reason.text for signature in report.signatures for reason in signature.reasons)
    by = {signature.signer_name: signature for signature in report.signatures}
    both = signer in by and agency in by
    parsed = parse_code(code)
    return [
        Proof("Chữ ký số hợp lệ", report.verdict is Verdict.VALID, reasons or report.verdict.value),
        Proof("Người có thẩm quyền và cơ quan đều đã ký", both, ", ".join(by)),
        Proof(
            "Chữ ký của cơ quan bao trùm toàn bộ tệp",
            both and by[agency].covers_whole_file and by[agency].kind is SignatureKind.AGENCY,
        ),
        Proof(
            "Số và ngày trong tệp khớp sổ đăng ký",
            parsed is not None
            and fields_match(content, number_text(int(parsed.number)), date.fromisoformat(issued)),
            f"{code}, {issued}",
        ),
    ]


def judge_hashes(sent: str, received: dict[str, str]) -> Proof:
    """The bytes at every end are the same."""
    different = [name for name, sha256 in received.items() if sha256 != sent]
    detail = f"khác ở {', '.join(different)}" if different else f"{len(received)} nơi, {sent[:16]}…"
    return Proof("Mã băm bằng nhau ở hai đầu", not different and bool(received), detail)


def judge_sites(cluster: DemoCluster) -> list[Proof]:
    """Registers without gaps and unbroken audit chains, by each site's own verification in a process of its own."""
    with ThreadPoolExecutor(len(SITES)) as pool:
        found = dict(zip(SITES, pool.map(partial(_verified, cluster), SITES), strict=True))
    proofs = []
    for site in AGENCY_SITES:
        rows = found[site].get("registers", [])
        counted = sum(row["last_number"] for row in rows)
        proofs.append(Proof(f"Sổ đăng ký liên tục ({site.name})", _all_hold(rows), f"{counted} số"))
    for site in SITES:
        rows = found[site].get("audit", [])
        counted = sum(row["length"] for row in rows)
        detail = "; ".join([f"{counted} sự kiện", *(row["reason"] for row in rows if not row["holds"])])
        proofs.append(Proof(f"Chuỗi nhật ký nguyên vẹn ({site.name})", _all_hold(rows), detail))
    return proofs


def trust_of(cluster: DemoCluster) -> Trust:
    """The demonstration's trust list, asking its authority about revocation."""
    folder = cluster.pki.material.trust
    return Trust(
        roots=certificates_in(folder, "root*.pem"),
        intermediates=certificates_in(folder, "intermediate*.pem"),
        allow_fetching=True,
    )


def opinion_of_pdfsig(content: bytes) -> list[str]:
    """What poppler's ``pdfsig`` says where it is installed. It calls some tampered files valid: no oracle."""
    program = shutil.which("pdfsig")
    if program is None:
        return []
    with tempfile.NamedTemporaryFile(suffix=".pdf") as file:
        file.write(content)
        file.flush()
        said = subprocess.run(
            [program, "-nocert", file.name], capture_output=True, text=True, timeout=60, check=False
        )
    lines = [line.strip(" -") for line in said.stdout.splitlines()]
    return [line for line in lines if line.startswith("Signature Validation")]


def sha256(content: bytes) -> str:
    """Hex digest."""
    return hashlib.sha256(content).hexdigest()


def _all_hold(rows: list[dict[str, Any]]) -> bool:
    return bool(rows) and all(row["holds"] for row in rows)


def _verified(cluster: DemoCluster, site: DemoSite) -> dict[str, list[dict[str, Any]]]:
    """What ``vanthu verify`` says on the site; nothing where it could not say anything."""
    done = subprocess.run(
        [sys.executable, "-m", "vanthu", "verify", "--json"],
        env=cluster.env(site),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    try:
        found: dict[str, list[dict[str, Any]]] = json.loads(done.stdout)
    except json.JSONDecodeError:
        return {}
    return found
