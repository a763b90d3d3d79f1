"""Service level agreements (Prefect Cloud only)."""
