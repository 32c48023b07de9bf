"""The handling room."""
