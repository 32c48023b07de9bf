"""The issuing room."""
