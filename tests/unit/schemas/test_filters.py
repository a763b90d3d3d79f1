"""The filters of the API: what they refuse, what they send, and what importing one costs."""

import pickle
import subprocess
import sys

import pytest
from pydantic import ValidationError

from prefect.client.schemas import filters
from prefect.client.schemas.filters import (
    BlockDocumentFilter,
    FilterSet,
    FlowFilter,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterTags,
    LogFilterTextSearch,
    Operator,
)
from prefect.client.schemas.objects import StateType


def test_a_filter_sends_only_what_was_set() -> None:
    filter = FlowRunFilter(
        operator=Operator.or_,
        state=FlowRunFilterState(type={"any_": [StateType.FAILED]}),
        tags=FlowRunFilterTags(all_=["nightly"]),
    )

    assert filter.model_dump(mode="json", exclude_unset=True) == {
        "operator": "or_",
        "state": {"type": {"any_": ["FAILED"]}},
        "tags": {"all_": ["nightly"]},
    }


def test_conditions_are_combined_with_and_unless_told() -> None:
    assert FlowFilter().operator is Operator.and_


def test_a_misspelt_condition_of_a_flow_run_filter_is_refused() -> None:
    with pytest.raises(ValidationError, match="stat"):
        FlowRunFilter(stat={"type": {"any_": ["FAILED"]}})
    with pytest.raises(ValidationError, match="any"):
        FlowRunFilter(name={"any": ["x"]})


def test_an_unknown_state_type_is_refused() -> None:
    with pytest.raises(ValidationError, match="LOST"):
        FlowRunFilter(state={"type": {"any_": ["LOST"]}})


def test_times_without_offset_are_utc() -> None:
    filter = FlowRunFilter(start_time={"after_": "2024-01-01T00:00:00"})

    assert '"after_":"2024-01-01T00:00:00Z"' in filter.model_dump_json()


def test_anonymous_block_documents_are_left_out_unless_told() -> None:
    filter = BlockDocumentFilter()

    assert filter.is_anonymous is not None
    assert filter.is_anonymous.eq_ is False
    assert filter.model_dump(mode="json")["is_anonymous"] == {"eq_": False}


def test_a_filter_set_starts_with_empty_filters() -> None:
    assert FilterSet().model_dump(mode="json", exclude_none=True) == {
        "flows": {"operator": "and_"},
        "flow_runs": {"operator": "and_"},
        "task_runs": {"operator": "and_"},
        "deployments": {"operator": "and_"},
    }


def test_a_text_search_is_bounded() -> None:
    with pytest.raises(ValidationError, match="200"):
        LogFilterTextSearch(query="x" * 201)


@pytest.mark.parametrize("name", sorted(filters.__all__))
def test_every_filter_calls_the_facade_its_home(name: str) -> None:
    published = getattr(filters, name)

    assert published.__module__ == "prefect.client.schemas.filters"
    assert published.__name__ == name


def test_filters_pickle_by_their_public_name() -> None:
    filter = FlowRunFilter(name={"like_": "x"})

    assert pickle.loads(pickle.dumps(filter)) == filter
    assert b"_filters" not in pickle.dumps(filter)


def test_using_one_noun_loads_only_its_filters() -> None:
    code = (
        "import sys\n"
        "from prefect.client.schemas.filters import FlowFilter\n"
        "print([name.rpartition('.')[2] for name in sys.modules"
        " if name.startswith('prefect.client.schemas._filters.')])"
    )

    result = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )

    assert sorted(eval(result.stdout)) == ["_operators", "flows"]
