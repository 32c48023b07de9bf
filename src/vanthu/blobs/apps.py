"""Django application of the room."""

from django.apps import AppConfig


class BlobsConfig(AppConfig):
    """The blobs room."""

    name = "vanthu.blobs"
    label = "blobs"
