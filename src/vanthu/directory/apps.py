"""Django application of the room."""

from django.apps import AppConfig


class DirectoryConfig(AppConfig):
    """The directory room."""

    name = "vanthu.directory"
    label = "directory"
