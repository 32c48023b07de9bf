"""The signing room."""
