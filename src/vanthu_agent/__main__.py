"""``python -m vanthu_agent``."""

import sys

from vanthu_agent.main import main

sys.exit(main())
