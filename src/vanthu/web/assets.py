"""The front-end packages that pages use: which files of ``node_modules`` are served.

Owns the list and the copying. Refuses to fetch anything: ``npm ci`` has installed the packages before.
"""

from __future__ import annotations

import shutil
from pathlib import Path

VENDOR: list[tuple[str, str]] = [
    ("@tabler/core/dist/css/tabler.min.css", "tabler"),
    ("@tabler/icons/tabler-nodes-outline.json", "icons"),
    ("@fontsource/be-vietnam-pro/files/be-vietnam-pro-*-400-normal.woff2", "fonts"),
    ("@fontsource/be-vietnam-pro/files/be-vietnam-pro-*-400-italic.woff2", "fonts"),
    ("@fontsource/be-vietnam-pro/files/be-vietnam-pro-*-500-normal.woff2", "fonts"),
    ("@fontsource/be-vietnam-pro/files/be-vietnam-pro-*-600-normal.woff2", "fonts"),
    ("@fontsource/be-vietnam-pro/files/be-vietnam-pro-*-700-normal.woff2", "fonts"),
    ("chart.js/dist/chart.umd.min.js", "charts"),
    ("pdfjs-dist/build/pdf.min.mjs", "pdfjs"),
    ("pdfjs-dist/build/pdf.worker.min.mjs", "pdfjs"),
    ("pdfjs-dist/web/pdf_viewer.mjs", "pdfjs"),
    ("pdfjs-dist/web/pdf_viewer.css", "pdfjs"),
    ("pdfjs-dist/web/images/*", "pdfjs/images"),
    ("pdfjs-dist/cmaps/*", "pdfjs/cmaps"),
    ("pdfjs-dist/standard_fonts/*", "pdfjs/standard_fonts"),
    ("pdfjs-dist/wasm/*", "pdfjs/wasm"),
    ("pdfjs-dist/iccs/*", "pdfjs/iccs"),
]
"""Glob under ``node_modules`` → folder under ``var/assets/vendor``."""

_WITH_SOURCE_MAP = {".css", ".js", ".mjs"}


class MissingAssets(RuntimeError):
    """A front-end package is not installed; ``npm ci`` was not run."""


def install(project_root: Path) -> int:
    """Copy every file of :data:`VENDOR` to ``var/assets/vendor``; returns how many stand there.

    Raises :class:`MissingAssets` when a glob finds nothing.
    """
    count = 0
    for glob, folder in VENDOR:
        sources = sorted(path for path in (project_root / "node_modules").glob(glob) if path.is_file())
        if not sources:
            raise MissingAssets(f"node_modules/{glob} not found: run npm ci first")
        target = project_root / "var" / "assets" / "vendor" / folder
        target.mkdir(parents=True, exist_ok=True)
        for source in sources:
            _copy(source, target / source.name)
        count += len(sources)
    return count


def _copy(source: Path, target: Path) -> None:
    """Copy; the note about a source map is left out: the map is not served, the manifest would miss it."""
    if source.suffix not in _WITH_SOURCE_MAP:
        shutil.copyfile(source, target)
        return
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    target.write_text("".join(line for line in lines if "sourceMappingURL=" not in line), encoding="utf-8")
