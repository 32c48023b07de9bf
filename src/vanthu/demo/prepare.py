"""The process that makes one demo site ready: migrates its database and fills it.

    python -m vanthu.demo.prepare SITE MATERIAL [SYSTEM_ID=SECRET_FILE …]

Runs with the site's environment, so that the site is prepared by the same settings as it is served with.
"""

from __future__ import annotations

import sys
from pathlib import Path

from vanthu.startup import start_django


def main(arguments: list[str]) -> None:
    """Migrate and fill the site whose code is the first argument."""
    start_django()
    from django.core.management import call_command

    from vanthu.demo import seed
    from vanthu.demo.material import Material
    from vanthu.demo.sites import site_of

    code, folder, *named = arguments
    site = site_of(code)
    call_command("migrate", verbosity=0, interactive=False)
    if site.kind == "axis":
        files = dict(argument.split("=", 1) for argument in named)
        seed.seed_axis_site(site, {name: Path(file) for name, file in files.items()})
    else:
        seed.seed_agency_site(site, Material(Path(folder)))


if __name__ == "__main__":
    main(sys.argv[1:])
