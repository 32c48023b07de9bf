"""``python -m vanthu``: the same as the ``vanthu`` command."""

from vanthu.cli import main

if __name__ == "__main__":
    main()
