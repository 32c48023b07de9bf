"""The axis room."""
