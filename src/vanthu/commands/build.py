"""``vanthu build``: front-end files, translations and static files in place; quick when nothing changed.

Owns the order of these steps and the stamp that lets them be skipped. Refuses to install packages: that is
``tools/bootstrap.py``.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import typer

PACKAGE = Path(__file__).resolve().parent.parent
PROJECT = PACKAGE.parent.parent
STAMP = PROJECT / "var" / "stamps" / "build"


def build(force: bool = typer.Option(False, help="Làm lại tất cả dù không có gì thay đổi.")) -> None:
    """Đặt sẵn tệp giao diện, bản dịch và tệp tĩnh."""
    wanted = fingerprint()
    in_place = (PROJECT / "var" / "static" / "staticfiles.json").exists() and all(
        path.with_suffix(".mo").exists() for path in _catalogs()
    )
    if not force and in_place and STAMP.exists() and STAMP.read_text() == wanted:
        return
    STAMP.unlink(missing_ok=True)
    typer.echo("• Đặt tệp giao diện, bản dịch và tệp tĩnh")
    _vendor()
    compile_catalogs()
    _collect()
    STAMP.parent.mkdir(parents=True, exist_ok=True)
    STAMP.write_text(wanted)


def fingerprint() -> str:
    """A hash over everything the build reads: any change of a file's size or time changes it."""
    hashed = hashlib.sha256(str(PROJECT).encode())
    for path in _inputs():
        state = path.stat()
        hashed.update(f"{path}\0{state.st_size}\0{state.st_mtime_ns}\n".encode())
    return hashed.hexdigest()


def compile_catalogs() -> int:
    """Write the binary catalog beside every ``.po``; returns how many. Fuzzy entries are left out."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    catalogs = _catalogs()
    for source in catalogs:
        with source.open("rb") as text:
            catalog = read_po(text, locale=source.parent.parent.name)
        draft = source.with_suffix(".mo.new")
        with draft.open("wb") as binary:
            write_mo(binary, catalog)
        draft.replace(source.with_suffix(".mo"))
    return len(catalogs)


def _vendor() -> None:
    """Must come before the settings are read: they look for the folder."""
    from vanthu.web import assets

    shutil.rmtree(PROJECT / "var" / "assets" / "vendor", ignore_errors=True)
    assets.install(PROJECT)


def _collect() -> None:
    from django.core.management import call_command

    from vanthu.startup import start_django

    os.environ["VANTHU_SITE_KIND"] = "both"
    start_django()
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)


def _catalogs() -> list[Path]:
    return sorted(PACKAGE.glob("locale/*/LC_MESSAGES/*.po"))


def _inputs() -> Iterator[Path]:
    yield PROJECT / "package-lock.json"
    yield PACKAGE / "web" / "assets.py"
    yield PACKAGE / "settings.py"
    yield from _catalogs()
    yield from sorted(path for path in PACKAGE.glob("*/static/**/*") if path.is_file())


def attach(app: typer.Typer) -> None:
    """Hang the command under the program."""
    app.command()(build)
