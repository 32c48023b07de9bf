"""The WSGI application of a site; its pages are loaded with it, not by the first visitor."""

from vanthu.startup import loading, start_django

with loading():
    start_django()

    from django.core.wsgi import get_wsgi_application
    from django.urls import get_resolver

    application = get_wsgi_application()
    _pages = get_resolver().url_patterns
