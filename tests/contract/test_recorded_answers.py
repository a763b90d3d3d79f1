"""Answers of a real server are read by the models, and written back as they were."""

import importlib
import json
import re
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from prefect._internal.schemas.bases import PrefectBaseModel, type_adapter

RECORDED = json.loads((Path(__file__).parent / "data" / "answers.json").read_text(encoding="utf-8"))

# The records hold `<id7>` for an id, `<ts>` for a time and `<url>` for an address.
ID = re.compile(r"<id(\d+)>")
TIME = "2026-08-21T09:30:00.123456Z"


def filled(value: Any) -> Any:
    if isinstance(value, dict):
        return {filled(key): filled(item) for key, item in value.items()}
    if isinstance(value, list):
        return [filled(item) for item in value]
    if isinstance(value, str):
        value = ID.sub(lambda found: str(UUID(int=int(found[1]))), value)
        return value.replace("<ts>", TIME).replace("<url>", "https://example.com/logo.png")
    return value


def cases() -> list[Any]:
    return [
        pytest.param(
            item["model"],
            answer,
            id=f"{item['model'].partition(':')[2]}-{index}-{item['label']}",
        )
        for index, item in enumerate(RECORDED)
        for answer in (item["answer"] if isinstance(item["answer"], list) else [item["answer"]])
    ]


def known(model: Any, answer: Any) -> Any:
    """The part of an answer that our models have fields for."""
    if isinstance(model, PrefectBaseModel) and isinstance(answer, dict):
        fields = type(model).model_fields
        return {
            name: known(getattr(model, name), value)
            for name, value in answer.items()
            if name in fields
        }
    if isinstance(model, list) and isinstance(answer, list):
        return [known(item, value) for item, value in zip(model, answer, strict=True)]
    return answer


@pytest.mark.parametrize(("name", "answer"), cases())
def test_recorded_answer_is_written_back_as_it_was(name: str, answer: Any) -> None:
    module, _, attribute = name.partition(":")
    model = getattr(importlib.import_module(module), attribute)
    answer = filled(answer)

    read = model.model_validate_json(json.dumps(answer))

    written = json.loads(read.model_dump_json(exclude_unset=True))
    expected = known(read, answer)
    assert {name: written[name] for name in expected} == expected


@pytest.mark.parametrize(
    "name", ["FlowRun", "TaskRun", "State", "Flow", "WorkPool", "WorkQueue", "Variable"]
)
def test_recorded_answer_with_unknown_fields_is_read_without_them(name: str) -> None:
    item = next(item for item in RECORDED if item["model"].endswith(f":{name}"))
    model = getattr(importlib.import_module("prefect.client.schemas.objects"), name)
    answer = filled(item["answer"])
    answers = answer if isinstance(answer, list) else [answer]

    models = type_adapter(list.__class_getitem__(model))

    read = models.validate_python([{**a, "new_field": 1} for a in answers])

    assert read == models.validate_python(answers)
    assert not hasattr(read[0], "new_field")
