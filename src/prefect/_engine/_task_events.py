"""The events by which the states of task runs reach the server, written as JSON directly.

The server builds its rows of task runs from these events alone, so their form is exact: event id =
state id, occurred = the state's time, the run's fields in the payload. Three of them are made for
every task run, which is why no model is built: an event is one f-string over parts that do not
change within the run.

Source: wire contract, conversations `two_tasks`; orchestration facts, sections 4 and 9.
"""

from json.encoder import encode_basestring_ascii as _text
from typing import TYPE_CHECKING, Any
from uuid import UUID

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from prefect._engine._task_run import TaskRunProcess
    from prefect.client.schemas._models.states import State, StateDetails

__all__ = ["WireEvent", "heartbeat", "related_of_flow_run", "state_change"]

MAX_MESSAGE_CHARACTERS = 100_000
"""Longer messages of states are cut. Source: orchestration facts, section 9."""

TIGHT_SECONDS = 300.0
"""Events further apart are not declared to follow one another; see `prefect.events.utilities`."""


class WireEvent:
    """An event that is JSON already; reads like an `Event` to those who look into it."""

    __slots__ = ("_event", "_json", "id")
    is_complete = True  # nothing is to be added by the shipper

    def __init__(self, id: UUID, json: str) -> None:
        self.id = id
        self._json = json
        self._event: Any = None

    def model_dump_json(self) -> str:
        """Return the JSON."""
        return self._json

    def __getattr__(self, name: str) -> Any:
        # Only for observers such as tests; the shipper needs id and JSON.
        if self._event is None:
            from prefect.events.schemas.events import Event

            self._event = Event.model_validate_json(self._json)
        return getattr(self._event, name)


def related_of_flow_run(flow_run: Any, flow: Any) -> str:
    """Write the related resources that all task runs of a flow run share."""
    return (
        f'{{"prefect.resource.id":"prefect.flow-run.{flow_run.id}",'
        f'"prefect.resource.role":"flow-run","prefect.resource.name":{_text(flow_run.name)}}},'
        f'{{"prefect.resource.id":"prefect.flow.{flow_run.flow_id}",'
        f'"prefect.resource.role":"flow","prefect.resource.name":{_text(flow.name)}}}'
    )


def related_tags(tags: "Iterable[str]") -> str:
    """Write the related resources of tags, each followed by a comma."""
    return "".join(
        f'{{"prefect.resource.id":{_text("prefect.tag." + tag)},"prefect.resource.role":"tag"}},'
        for tag in sorted(tags)
    )


def state_change(
    run: "TaskRunProcess", initial: "State[Any] | None", state: "State[Any]"
) -> WireEvent:
    """Write the event of a task run that enters a state."""
    task_run = run.task_run
    at = _time(state.timestamp)
    kind = state.type.value
    name = _text(state.name or "")
    message = state.message or ""
    if len(message) > MAX_MESSAGE_CHARACTERS:
        message = message[:MAX_MESSAGE_CHARACTERS]
    message = _text(message) if message else '""'
    if initial is None:
        intended, before, follows = "", "", ""
    else:
        intended = f'"from":"{initial.type.value}",'
        before = f'"initial_state":{_state(initial)},'
        near = (state.timestamp - initial.timestamp).total_seconds() < TIGHT_SECONDS
        follows = f',"follows":"{initial.id}"' if near else ""
    start = f'"start_time":"{_time(task_run.start_time)}",' if task_run.start_time else ""
    end = f'"end_time":"{_time(task_run.end_time)}",' if task_run.end_time else ""
    return WireEvent(
        state.id,
        f'{{"occurred":"{at}","event":{_text("prefect.task-run." + (state.name or ""))},'
        f'"resource":{{{run.resource_head}"prefect.run-count":"{task_run.run_count}",'
        f'"prefect.state-message":{message},"prefect.state-name":{name},'
        f'"prefect.state-timestamp":"{at}","prefect.state-type":"{kind}",'
        '"prefect.orchestration":"client"},'
        f'"related":[{run.related}],'
        f'"payload":{{"intended":{{{intended}"to":"{kind}"}},{before}'
        f'"validated_state":{{"type":"{kind}","name":{name},"message":{message},'
        f'"state_details":{_details(state.state_details)},"data":{_data(state.data)}}},'
        f'"task_run":{{{run.run_head}"run_count":{task_run.run_count},'
        f'"flow_run_run_count":{task_run.flow_run_run_count},'
        f'"expected_start_time":"{_time(task_run.expected_start_time)}",{start}{end}'
        f'"total_run_time":{run.total_run_seconds!r}}}}},'
        f'"id":"{state.id}"{follows}}}',
    )


def resource_head(task_run: Any) -> str:
    """Write the labels of a task run's resource that do not change."""
    return (
        f'"prefect.resource.id":"prefect.task-run.{task_run.id}",'
        f'"prefect.resource.name":{_text(task_run.name)},'
    )


def run_head(task_run: Any, policy: str) -> str:
    """Write the fields of a task run that do not change.

    Args:
        policy: Its retry policy, as JSON.
    """
    tags = ",".join(map(_text, task_run.tags))
    inputs = ",".join(
        f"{_text(name)}:[{','.join(map(_input, items))}]"
        for name, items in task_run.task_inputs.items()
    )
    version = f'"task_version":{_text(task_run.task_version)},' if task_run.task_version else ""
    return (
        f'"name":{_text(task_run.name)},"task_key":{_text(task_run.task_key)},'
        f'"dynamic_key":"{task_run.dynamic_key}",{version}"empirical_policy":{policy},'
        f'"tags":[{tags}],"labels":{{}},"task_inputs":{{{inputs}}},'
    )


def retry_policy(retries: int, delay: Any, jitter: "float | None") -> str:
    """Write a task's retry policy."""
    from json import dumps

    jitter_part = "" if jitter is None else f',"retry_jitter_factor":{float(jitter)!r}'
    return (
        f'{{"max_retries":0,"retry_delay_seconds":0.0,"retries":{retries},'
        f'"retry_delay":{dumps(delay)}{jitter_part}}}'
    )


def heartbeat(flow_run: Any, flow: Any) -> WireEvent:
    """Write the event that says that a flow run is alive."""
    from prefect._internal.uuid7 import uuid7
    from prefect._version import __version__
    from prefect.types._datetime import now

    id = uuid7()
    return WireEvent(
        id,
        f'{{"occurred":"{_time(now())}","event":"prefect.flow-run.heartbeat",'
        f'"resource":{{"prefect.resource.id":"prefect.flow-run.{flow_run.id}",'
        f'"prefect.resource.name":{_text(flow_run.name)},"prefect.version":{_text(__version__)}}},'
        f'"related":[{{"prefect.resource.id":"prefect.flow.{flow_run.flow_id}",'
        f'"prefect.resource.role":"flow","prefect.resource.name":{_text(flow.name)}}}],'
        f'"payload":{{}},"id":"{id}"}}',
    )


def _time(moment: "datetime | None") -> str:
    assert moment is not None  # every run has an expected start
    return moment.isoformat()


def _input(item: Any) -> str:
    if item.input_type == "task_run" or item.input_type == "flow_run":
        return f'{{"input_type":"{item.input_type}","id":"{item.id}"}}'
    return str(item.model_dump_json())


def _state(state: "State[Any]") -> str:
    return (
        f'{{"type":"{state.type.value}","name":{_text(state.name or "")},'
        f'"message":{_text(state.message or "")},"state_details":{_details(state.state_details)}}}'
    )


def _details(details: "StateDetails") -> str:
    """Write what is known; the ids of the runs stand in the event already."""
    known = details.__pydantic_fields_set__ - {"flow_run_id", "task_run_id"}
    if not known:
        return "{}"
    if known == {"untrackable_result"}:
        return '{"untrackable_result":true}' if details.untrackable_result else "{}"
    return details.model_dump_json(include=known, exclude_none=True, exclude_defaults=True)


def _data(data: Any) -> str:
    """Write where a stored result is; what stands in memory only stays there."""
    metadata = data if hasattr(data, "storage_key") else getattr(data, "metadata", None)
    if metadata is None or getattr(data, "_stored", True) is False:
        return "null"
    return str(metadata.model_dump_json(serialize_as_any=True))
