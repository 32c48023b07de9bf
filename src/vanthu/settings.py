"""Django settings of a site, all derived from :mod:`vanthu.environment`."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

from csp.constants import NONE, SELF
from django.contrib.messages import constants as message_levels

from vanthu.environment import Environment, SiteKind
from vanthu.logs import configure as configure_logs

VANTHU = Environment()
PACKAGE = Path(__file__).resolve().parent
PROJECT = PACKAGE.parent.parent
ASSETS_DIR = PROJECT / "var" / "assets"

IS_AGENCY = VANTHU.site_kind in (SiteKind.AGENCY, SiteKind.BOTH)
IS_AXIS = VANTHU.site_kind in (SiteKind.AXIS, SiteKind.BOTH)

SECRET_KEY = (
    VANTHU.secret(VANTHU.secret_key_file) or "insecure-key-of-tests-and-of-commands-that-serve-nobody"
)
DEBUG = VANTHU.debug
ALLOWED_HOSTS = [host.strip() for host in VANTHU.allowed_hosts.split(",")]
CSRF_TRUSTED_ORIGINS = [VANTHU.base_url]

AGENCY_ROOMS = [
    "vanthu.blobs",
    "vanthu.records",
    "vanthu.signing",
    "vanthu.encryption",
    "vanthu.exchange",
    "vanthu.issuing",
    "vanthu.handling",
    "vanthu.copying",
    "vanthu.search",
    "vanthu.api",
    "vanthu.portal",
]
AXIS_ROOMS = ["vanthu.axis"]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django_htmx",
    # Before allauth, whose templates it replaces.
    "vanthu.web",
    "allauth",
    "allauth.account",
    "procrastinate.contrib.django",
    "vanthu.base",
    "vanthu.directory",
    "vanthu.audit",
    *(AGENCY_ROOMS if IS_AGENCY else []),
    *(AXIS_ROOMS if IS_AXIS else []),
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "vanthu.web.proxies.ClientAddress",
    "vanthu.web.middleware.RequestLog",
    *(["vanthu.axis.shortcut.MachineDoors"] if IS_AXIS else []),
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "vanthu.web.middleware.ActingPost",
    "vanthu.web.middleware.DomainErrors",
]

ROOT_URLCONF = "vanthu.urls"
WSGI_APPLICATION = "vanthu.wsgi.application"
AUTH_USER_MODEL = "directory.Person"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "vanthu.web.context.site",
            ],
        },
    }
]
INSTALLED_APPS.append("django.forms")


def database(url: str) -> dict[str, Any]:
    """A Django database from a libpq URL; a relative ``host=`` folder is taken from the project."""
    parts = urlsplit(url)
    options = {name: values[0] for name, values in parse_qs(parts.query).items()}
    host = options.pop("host", parts.hostname or "")
    if host and "/" in host and not host.startswith("/"):
        host = str(PROJECT / host)
    return {
        "ENGINE": "vanthu.base.postgresql",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or options.pop("user", "")),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": host,
        "PORT": str(parts.port or options.pop("port", "")),
        "OPTIONS": {"pool": {"min_size": 1, "max_size": VANTHU.web_threads + 2, "timeout": 30}, **options},
    }


DATABASES = {"default": database(VANTHU.database_url)}

LANGUAGE_CODE = "vi"
LANGUAGES = [("vi", "Tiếng Việt"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
TIME_ZONE = "Asia/Ho_Chi_Minh"
USE_TZ = True
LANGUAGE_COOKIE_NAME = "vanthu_language"

STATIC_URL = "/static/"
STATIC_ROOT = PROJECT / "var" / "static"
STATICFILES_DIRS = [ASSETS_DIR] if ASSETS_DIR.is_dir() else []
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
WHITENOISE_MAX_AGE = 31536000
WHITENOISE_USE_FINDERS = False
WHITENOISE_MIMETYPES = {".mjs": "text/javascript", ".ftl": "text/plain", ".wasm": "application/wasm"}

FILE_UPLOAD_MAX_MEMORY_SIZE = 2 << 20
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 << 20
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.TemporaryFileUploadHandler"]

SESSION_COOKIE_NAME = f"vanthu_{VANTHU.site_code}"
CSRF_COOKIE_NAME = f"vanthu_csrf_{VANTHU.site_code}"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = VANTHU.https
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SECURE_HSTS_SECONDS = 31536000 if VANTHU.https else 0
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if VANTHU.https else None
X_FRAME_OPTIONS = "SAMEORIGIN"
SECURE_REFERRER_POLICY = "same-origin"

AGENT_ADDRESSES = [f"http://127.0.0.1:{VANTHU.agent_port}"] if IS_AGENCY else []
"""Where pages reach the signing program on the person's own computer."""

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF, "'wasm-unsafe-eval'"],
        "style-src": [SELF],
        "img-src": [SELF, "data:", "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF, *AGENT_ADDRESSES],
        "worker-src": [SELF, "blob:"],
        "object-src": [NONE],
        "frame-ancestors": [SELF],
        "form-action": [SELF],
        "base-uri": [NONE],
    }
}

LOGIN_URL = "/accounts/login/"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_LOGOUT_REDIRECT_URL = LOGIN_URL
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_ADAPTER = "vanthu.web.accounts.ClosedAccounts"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = None
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]

PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
MESSAGE_TAGS = {message_levels.ERROR: "danger"}

LOGGING_CONFIG = None
configure_logs(json=VANTHU.log_json, level=VANTHU.log_level, site=VANTHU.site_code)
