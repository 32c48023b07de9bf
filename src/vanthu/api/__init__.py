"""API: the same reads and verbs as the pages, for other software (OpenAPI 3 at ``/api/v1/openapi.json``)."""
