"""Registries of classes, and models that make the subclass the data name."""

import pickle
from typing import Any, Literal

import cloudpickle
import pydantic
import pytest

from prefect.utilities.dispatch import (
    get_dispatch_key,
    get_registry_for_type,
    lookup_type,
    register_base_type,
    register_type,
)
from prefect.utilities.generics import validate_list
from prefect.utilities.pydantic import (
    PartialModel,
    add_cloudpickle_reduction,
    add_type_dispatch,
    custom_pydantic_encoder,
    get_class_fields_only,
    handle_secret_render,
    parse_obj_as,
)


def animals() -> Any:
    @register_base_type
    class Animal:
        @classmethod
        def __dispatch_key__(cls) -> str | None:
            return None if cls.__name__ == "Animal" else cls.__name__.lower()

    return Animal


def test_subclasses_register_themselves() -> None:
    base = animals()
    dog = type("Dog", (base,), {})
    puppy = type("Puppy", (dog,), {})

    assert get_registry_for_type(base) == {"dog": dog, "puppy": puppy}
    assert lookup_type(base, "puppy") is puppy
    assert lookup_type(dog, "dog") is dog


def test_unknown_key_names_the_known_ones() -> None:
    base = animals()
    type("Dog", (base,), {})

    with pytest.raises(KeyError, match=r"'cat'.*'dog'"):
        lookup_type(base, "cat")


def test_registries_are_separate() -> None:
    first, second = animals(), animals()
    type("Dog", (first,), {})

    assert get_registry_for_type(second) == {}
    assert get_registry_for_type(int) is None


def test_other_class_with_the_same_key_warns_and_wins() -> None:
    base = animals()
    type("Dog", (base,), {})

    with pytest.warns(UserWarning, match="'dog'"):
        other = type("Dog", (base,), {"__qualname__": "Other.Dog"})

    assert lookup_type(base, "dog") is other


def test_same_class_defined_again_replaces_quietly() -> None:
    base = animals()
    type("Dog", (base,), {})
    again = type("Dog", (base,), {})

    assert lookup_type(base, "dog") is again


def test_own_hook_of_the_base_still_runs() -> None:
    made: list[str] = []

    class Base:
        def __init_subclass__(cls, label: str = "", **kwargs: Any) -> None:
            made.append(label)

    register_base_type(Base)

    class Child(Base, label="child"):
        __dispatch_key__ = "child"

    assert made == ["child"]
    assert lookup_type(Base, "child") is Child


def test_registering_without_registry_says_what_to_do() -> None:
    with pytest.raises(ValueError, match="register_base_type"):
        register_type(int)


def test_missing_key_is_an_error_unless_allowed() -> None:
    assert get_dispatch_key(int, allow_missing=True) is None
    with pytest.raises(ValueError, match="__dispatch_key__"):
        get_dispatch_key(int)


def test_key_must_be_text() -> None:
    with pytest.raises(TypeError, match="5"):
        get_dispatch_key(type("Wrong", (), {"__dispatch_key__": 5}))


def shapes() -> tuple[Any, Any]:
    @add_type_dispatch
    class Shape(pydantic.BaseModel):
        type: str

    class Circle(Shape):
        type: Literal["circle"] = "circle"
        radius: int = 1

    return Shape, Circle


def test_base_model_makes_the_subclass() -> None:
    shape, circle = shapes()

    assert type(shape(type="circle", radius=2)) is circle
    assert type(shape.model_validate({"type": "circle"})) is circle
    assert type(pydantic.TypeAdapter(shape).validate_python({"type": "circle"})) is circle
    assert type(circle()) is circle


def test_unknown_type_is_a_validation_error() -> None:
    shape, _ = shapes()

    with pytest.raises(pydantic.ValidationError, match="'square'"):
        shape.model_validate({"type": "square"})


def test_model_without_a_key_cannot_dispatch() -> None:
    class Plain(pydantic.BaseModel): ...

    with pytest.raises(ValueError, match="cannot dispatch"):
        add_type_dispatch(Plain)


def test_model_of_a_function_can_be_pickled() -> None:
    @add_cloudpickle_reduction(exclude={"cache"})
    class Local(pydantic.BaseModel):
        name: str
        cache: int = 0

    copy = pickle.loads(pickle.dumps(Local(name="a", cache=5)))

    assert (copy.name, copy.cache) == ("a", 0)
    assert cloudpickle.loads(cloudpickle.dumps(Local(name="b"))).name == "b"


class Address(pydantic.BaseModel):
    city: str
    zip: int


def test_partial_model_is_checked_at_the_end() -> None:
    partial = PartialModel(Address, city="Oslo")
    partial.zip = "5"

    assert partial.finalize() == Address(city="Oslo", zip=5)
    with pytest.raises(pydantic.ValidationError):
        PartialModel(Address).finalize(city="Oslo")


def test_partial_model_refuses_what_it_does_not_know_or_has() -> None:
    partial = PartialModel(Address, city="Oslo")

    with pytest.raises(ValueError, match="no field 'street'"):
        partial.street = "x"
    with pytest.raises(ValueError, match="has a value already"):
        partial.city = "x"
    with pytest.raises(ValueError, match="has a value already"):
        partial.finalize(city="x")
    with pytest.raises(ValueError, match="no field 'street'"):
        PartialModel(Address, street="x")


def test_secrets_are_hidden_unless_asked_for() -> None:
    secret = pydantic.SecretStr("a very long secret")

    assert handle_secret_render(secret, {}) == "********"
    assert handle_secret_render(secret, {"include_secrets": True}) == "a very long secret"
    assert handle_secret_render(5, {}) == 5


def test_nearest_encoder_is_used() -> None:
    encoders: dict[Any, Any] = {int: lambda value: "int", bool: lambda value: "bool"}

    assert custom_pydantic_encoder(encoders, True) == "bool"
    assert custom_pydantic_encoder({int: lambda value: "int"}, True) == "int"
    assert custom_pydantic_encoder({}, Address(city="a", zip=1)) == {"city": "a", "zip": 1}


def test_own_fields_are_told_from_inherited_ones() -> None:
    class Detailed(Address):
        street: str = ""

    assert get_class_fields_only(Detailed) == {"street"}


def test_any_type_can_be_parsed() -> None:
    assert parse_obj_as(list[int], ["1"]) == [1]
    assert parse_obj_as(list[int], "[1]", mode="json") == [1]
    assert parse_obj_as(int, "3", mode="strings") == 3


def test_lists_of_models_are_validated() -> None:
    assert validate_list(Address, [{"city": "a", "zip": 1}]) == [Address(city="a", zip=1)]
    with pytest.raises(pydantic.ValidationError):
        validate_list(Address, {"city": "a"})
