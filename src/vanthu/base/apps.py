"""Django application of the base."""

from django.apps import AppConfig


class BaseConfig(AppConfig):
    """The base has no tables of its own; it is an application for its management commands and tags."""

    name = "vanthu.base"
    label = "base"
