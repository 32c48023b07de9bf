"""API: the same reads as the pages, for other software (OpenAPI 3 at ``/api/docs``). Changes no state by itself."""
