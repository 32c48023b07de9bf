"""The processes of a site: they refuse to serve without a secret, and every log line names the site."""

from __future__ import annotations

import json
import os
import subprocess
import sys

PROGRAM = [sys.executable, "-c"]


def test_a_site_without_a_secret_key_does_not_serve_and_says_what_to_do() -> None:
    env = {key: value for key, value in os.environ.items() if key != "VANTHU_SECRET_KEY_FILE"}
    done = subprocess.run(
        [sys.executable, "-m", "vanthu", "web"],
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 2
    assert "VANTHU_SECRET_KEY_FILE" in done.stderr


def test_log_lines_of_every_thread_name_the_site() -> None:
    code = (
        "import threading, structlog\n"
        "from vanthu.logs import configure\n"
        "configure(json=True, level='INFO', site='hatinh')\n"
        "worker = threading.Thread(target=lambda: structlog.get_logger().info('in_thread'))\n"
        "worker.start(); worker.join(); structlog.get_logger().info('in_main')\n"
    )
    done = subprocess.run([*PROGRAM, code], capture_output=True, text=True, timeout=60, check=True)
    lines = [json.loads(line) for line in done.stderr.splitlines()]
    assert [(line["event"], line["site"]) for line in lines] == [
        ("in_thread", "hatinh"),
        ("in_main", "hatinh"),
    ]
