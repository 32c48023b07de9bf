"""A parent axis in a process of its own: ``python -m tests.axis.parent_site PORT``.

Its members are this axis (``TRUC-H27``, with the province H27 and the province H37) and a ministry (``G12``). The
secrets lie in ``secrets.json`` of its data folder; started again it goes on with what its database holds.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

MEMBERS = (
    ("TRUC-H27", "Trục tỉnh Hà Tĩnh", (("H27", "Tỉnh Hà Tĩnh"), ("H37", "Tỉnh Lạng Sơn"))),
    ("G12", "Bộ Y tế", (("G12", "Bộ Y tế"), ("G12.03", "Cục Quản lý dược"))),
)


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: object) -> None:
        return


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


def main() -> None:
    """Set up on the first start, then serve."""
    from vanthu.startup import start_django

    start_django()
    from vanthu.wsgi import application

    secrets = Path(os.environ["VANTHU_DATA_DIR"]) / "secrets.json"
    if not secrets.exists():
        secrets.write_text(json.dumps(_members()))
    server = make_server("127.0.0.1", int(sys.argv[1]), application, _Server, _Quiet)
    server.serve_forever(poll_interval=0.02)


def _members() -> dict[str, str]:
    from vanthu.axis import actions, queries

    found = {}
    for system_id, name, agencies in MEMBERS:
        _, found[system_id] = actions.add_member(system_id, name)
        for code, agency in agencies:
            details = actions.AgencyDetails(code=code, name=agency, parent_code=code.partition(".")[0])
            actions.put_agency(queries.member(system_id), details)
            actions.carry_over(code, "thử nghiệm")
    actions.set_member_axis("TRUC-H27", is_axis=True)
    return found


if __name__ == "__main__":
    main()
