"""Parameters against their JSON schema: fill in references, then validate.

Needs the extra `schemas` (jsonschema) for validation, and `templating` (jinja2) for templates.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.utilities.schema_tools.hydration import HydrationContext as HydrationContext
    from prefect.utilities.schema_tools.hydration import HydrationError as HydrationError
    from prefect.utilities.schema_tools.hydration import hydrate as hydrate
    from prefect.utilities.schema_tools.validation import (
        CircularSchemaRefError as CircularSchemaRefError,
    )
    from prefect.utilities.schema_tools.validation import ValidationError as ValidationError
    from prefect.utilities.schema_tools.validation import is_valid_schema as is_valid_schema
    from prefect.utilities.schema_tools.validation import validate as validate

__all__ = [
    "CircularSchemaRefError",
    "HydrationContext",
    "HydrationError",
    "ValidationError",
    "hydrate",
    "is_valid_schema",
    "validate",
]

__getattr__, __dir__ = lazy_exports(
    __name__,
    {
        "CircularSchemaRefError": "prefect.utilities.schema_tools.validation",
        "HydrationContext": "prefect.utilities.schema_tools.hydration",
        "HydrationError": "prefect.utilities.schema_tools.hydration",
        "ValidationError": "prefect.utilities.schema_tools.validation",
        "hydrate": "prefect.utilities.schema_tools.hydration",
        "is_valid_schema": "prefect.utilities.schema_tools.validation",
        "validate": "prefect.utilities.schema_tools.validation",
    },
)
