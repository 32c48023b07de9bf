"""Signs, seals, extends and validates PDF documents (PAdES). Under construction."""
