"""Types of fields and values that several rooms share: names, times, labels, settings' values.

A table of names only; each is imported from its private module when it is first used.
"""

from prefect._lazy import lazy_exports

TYPE_CHECKING = False
if TYPE_CHECKING:
    from prefect.types._datetime import Date as Date
    from prefect.types._datetime import DateTime as DateTime
    from prefect.types._fields import ClientRetryExtraCodes as ClientRetryExtraCodes
    from prefect.types._fields import DurationOrSecondsTimeDelta as DurationOrSecondsTimeDelta
    from prefect.types._fields import JsonStringOrDict as JsonStringOrDict
    from prefect.types._fields import ListOfNonEmptyStrings as ListOfNonEmptyStrings
    from prefect.types._fields import LogLevel as LogLevel
    from prefect.types._fields import NonNegativeFloat as NonNegativeFloat
    from prefect.types._fields import NonNegativeInteger as NonNegativeInteger
    from prefect.types._fields import NonNegativeTimeDelta as NonNegativeTimeDelta
    from prefect.types._fields import PositiveInteger as PositiveInteger
    from prefect.types._fields import SecondsTimeDelta as SecondsTimeDelta
    from prefect.types._fields import SecretDict as SecretDict
    from prefect.types._fields import StatusCode as StatusCode
    from prefect.types._fields import TaskRetryDelaySeconds as TaskRetryDelaySeconds
    from prefect.types._fields import parse_retry_delay_input as parse_retry_delay_input
    from prefect.types._fields import (
        validate_set_T_from_delim_string as validate_set_T_from_delim_string,
    )
    from prefect.types._labels import KeyValueLabels as KeyValueLabels
    from prefect.types._labels import KeyValueLabelsField as KeyValueLabelsField
    from prefect.types._labels import cast_none_to_empty_dict as cast_none_to_empty_dict
    from prefect.types._labels import convert_none_to_empty_dict as convert_none_to_empty_dict
    from prefect.types._variables import MAX_VARIABLE_VALUE_LENGTH as MAX_VARIABLE_VALUE_LENGTH
    from prefect.types._variables import StrictVariableValue as StrictVariableValue
    from prefect.types._variables import check_variable_value as check_variable_value
    from prefect.types.names import BANNED_CHARACTERS as BANNED_CHARACTERS
    from prefect.types.names import MAX_VARIABLE_NAME_LENGTH as MAX_VARIABLE_NAME_LENGTH
    from prefect.types.names import WITHOUT_BANNED_CHARACTERS as WITHOUT_BANNED_CHARACTERS
    from prefect.types.names import Name as Name
    from prefect.types.names import NameOrEmpty as NameOrEmpty
    from prefect.types.names import NonEmptyishName as NonEmptyishName
    from prefect.types.names import URILike as URILike
    from prefect.types.names import ValidAssetKey as ValidAssetKey

__all__ = [
    "BANNED_CHARACTERS",
    "ClientRetryExtraCodes",
    "Date",
    "DateTime",
    "DurationOrSecondsTimeDelta",
    "JsonStringOrDict",
    "KeyValueLabels",
    "KeyValueLabelsField",
    "ListOfNonEmptyStrings",
    "LogLevel",
    "MAX_VARIABLE_NAME_LENGTH",
    "MAX_VARIABLE_VALUE_LENGTH",
    "Name",
    "NameOrEmpty",
    "NonEmptyishName",
    "NonNegativeFloat",
    "NonNegativeInteger",
    "NonNegativeTimeDelta",
    "PositiveInteger",
    "SecondsTimeDelta",
    "SecretDict",
    "StatusCode",
    "StrictVariableValue",
    "TaskRetryDelaySeconds",
    "URILike",
    "ValidAssetKey",
    "WITHOUT_BANNED_CHARACTERS",
    "cast_none_to_empty_dict",
    "check_variable_value",
    "convert_none_to_empty_dict",
    "parse_retry_delay_input",
    "validate_set_T_from_delim_string",
]

_HOMES = {
    "_datetime": ("Date", "DateTime"),
    "_fields": (
        "ClientRetryExtraCodes",
        "DurationOrSecondsTimeDelta",
        "JsonStringOrDict",
        "ListOfNonEmptyStrings",
        "LogLevel",
        "NonNegativeFloat",
        "NonNegativeInteger",
        "NonNegativeTimeDelta",
        "PositiveInteger",
        "SecondsTimeDelta",
        "SecretDict",
        "StatusCode",
        "TaskRetryDelaySeconds",
        "parse_retry_delay_input",
        "validate_set_T_from_delim_string",
    ),
    "_labels": (
        "KeyValueLabels",
        "KeyValueLabelsField",
        "cast_none_to_empty_dict",
        "convert_none_to_empty_dict",
    ),
    "_variables": ("MAX_VARIABLE_VALUE_LENGTH", "StrictVariableValue", "check_variable_value"),
    "names": (
        "BANNED_CHARACTERS",
        "MAX_VARIABLE_NAME_LENGTH",
        "Name",
        "NameOrEmpty",
        "NonEmptyishName",
        "URILike",
        "ValidAssetKey",
        "WITHOUT_BANNED_CHARACTERS",
    ),
}

__getattr__, __dir__ = lazy_exports(
    __name__, {name: f"{__name__}.{home}" for home, names in _HOMES.items() for name in names}
)
