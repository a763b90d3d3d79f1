"""Notifications and webhooks, against an HTTP server of this process."""

import asyncio
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from prefect.blocks.notifications import (
    AppriseNotificationBlock,
    CustomWebhookNotificationBlock,
    DiscordWebhook,
    MattermostWebhook,
    MicrosoftTeamsWebhook,
    NotificationError,
    OpsgenieWebhook,
    PagerDutyWebHook,
    SendgridEmail,
    SlackWebhook,
    TwilioSMS,
)
from prefect.blocks.webhook import Webhook

# Apprise imports it on Python 3.11 and 3.12.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Apprise(AppriseNotificationBlock):
    """Any service of Apprise, for these tests."""


class Receiver:
    """Keeps the requests it gets, and answers with `status`."""

    def __init__(self) -> None:
        self.requests: list[dict[str, Any]] = []
        self.status = 200
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                receiver.requests.append(
                    {
                        "method": self.command,
                        "path": self.path,
                        "headers": dict(self.headers),
                        "body": self.rfile.read(length).decode(),
                    }
                )
                self.send_response(receiver.status)
                self.send_header("Content-Length", "0")
                self.end_headers()

            do_GET = do_POST = do_PUT = _answer

            def log_message(self, *_: Any) -> None:
                """Stay silent."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.address = f"127.0.0.1:{self.server.server_port}"


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    receiver = Receiver()
    thread = threading.Thread(target=receiver.server.serve_forever, args=(0.01,))
    thread.start()
    yield receiver
    receiver.server.shutdown()
    thread.join()
    receiver.server.server_close()


@pytest.fixture(params=["sync", "async"])
def notify(request: pytest.FixtureRequest) -> Callable[..., None]:
    def on_either_face(block: Any, *args: Any) -> None:
        if request.param == "sync":
            block.notify(*args)
        else:
            asyncio.run(block.anotify(*args))

    return on_either_face


def test_message_is_sent_through_apprise(receiver: Receiver, notify) -> None:
    notify(Apprise(url=f"json://{receiver.address}/here", notify_type="warning"), "body", "subject")

    (request,) = receiver.requests
    sent = json.loads(request["body"])
    assert (sent["message"], sent["title"], sent["type"]) == ("body", "subject", "warning")


def test_message_that_is_not_sent_is_logged(receiver: Receiver, notify, caplog) -> None:
    receiver.status = 500

    notify(Apprise(url=f"json://{receiver.address}"), "body")

    assert "was not sent" in caplog.text


def test_message_that_is_not_sent_raises_when_asked_to(receiver: Receiver, notify) -> None:
    receiver.status = 500
    block = Apprise(url=f"json://{receiver.address}")

    with block.raise_on_failure(), pytest.raises(NotificationError) as caught:
        notify(block, "body")

    assert "500" in caught.value.log
    assert not block._raise_on_failure


def test_address_apprise_does_not_understand_is_refused(notify) -> None:
    with pytest.raises(ValueError, match="does not understand"):
        notify(Apprise(url="no-service-at-all://x"), "body")


def test_private_address_is_refused_when_not_allowed(receiver: Receiver, notify) -> None:
    url = f"http://{receiver.address}/x"

    with pytest.raises(ValueError, match="not a public address"):
        notify(Apprise(url=url, allow_private_urls=False), "body")
    with pytest.raises(ValueError, match="not a public address"):
        notify(CustomWebhookNotificationBlock(name="n", url=url, allow_private_urls=False), "body")
    assert receiver.requests == []


@pytest.mark.parametrize(
    ("block", "wanted"),
    [
        (
            SlackWebhook(url="https://hooks.slack.com/services/T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazk"),
            "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazk",
        ),
        (
            DiscordWebhook(webhook_id="123456", webhook_token="abc", botname="bot", tts=True),
            "discord://bot@123456/abc/?tts=yes",
        ),
        (
            MattermostWebhook(
                hostname="chat", token="t" * 20, channels=["a"], botname="b", secure=True, port=1
            ),
            "mmosts://b@chat:1/" + "t" * 20,
        ),
        (
            OpsgenieWebhook(apikey="a" * 36, target_user=["u"], target_team=["t"], tags=["x"]),
            "opsgenie://" + "a" * 36 + "/%23t/%40u?action=new",
        ),
        (
            PagerDutyWebHook(integration_key="i" * 32, api_key="k" * 20, custom_details={"a": "b"}),
            "pagerduty://" + "i" * 32 + "@" + "k" * 20 + "/Prefect/Notification",
        ),
        (
            SendgridEmail(api_key="kk", sender_email="a@b.example", to_emails=["c@d.example"]),
            "sendgrid://kk:a@b.example/c%40d.example",
        ),
        (
            TwilioSMS(
                account_sid="AC" + "a" * 32,
                auth_token="b" * 32,
                from_phone_number="+12015550100",
                to_phone_numbers=["+12015550101"],
            ),
            "twilio://AC" + "a" * 32 + ":" + "b" * 32 + "@%2B12015550100/%2B12015550101",
        ),
        (
            MicrosoftTeamsWebhook(
                url="https://p.logic.azure.com:443/workflows/WF/triggers/manual/paths/invoke"
                "?sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=SIG",
                wrap=False,
            ),
            "workflow://p.logic.azure.com:443/WF/SIG/?image=yes&wrap=no",
        ),
    ],
    ids=lambda value: type(value).__name__ if not isinstance(value, str) else "",
)
def test_service_gets_an_address_that_apprise_understands(block: Any, wanted: str) -> None:
    (service,) = block._client()

    assert service.url(privacy=False).startswith(wanted)


def test_incident_is_titled_by_the_subject_and_detailed_by_the_body() -> None:
    block = PagerDutyWebHook(integration_key="i" * 32, api_key="k" * 20, custom_details={"a": "b"})

    told, title = block._with_details("what happened", "title")

    assert title == "title"
    assert told.custom_details == {"message": "what happened", "a": "b"}
    assert block._with_details("body", None) == (block, "body")


def test_subclass_that_says_no_address_is_told_so() -> None:
    from prefect.blocks.notifications import AbstractAppriseNotificationBlock

    class Nowhere(AbstractAppriseNotificationBlock):
        pass

    with pytest.raises(ValueError, match="_start_apprise_client"):
        Nowhere().notify("x")


def test_webhook_of_ones_own_fills_in_its_templates(receiver: Receiver, notify) -> None:
    block = CustomWebhookNotificationBlock(
        name="own",
        url=f"http://{receiver.address}/{{{{subject}}}}",
        method="PUT",
        params={"t": "{{token}}"},
        json_data={"text": "{{name}}: {{body}}"},
        headers={"X-Token": "{{token}}"},
        cookies={"c": "{{token}}"},
        secrets={"token": "s3cret"},
    )

    notify(block, "body", "subject")

    (request,) = receiver.requests
    assert (request["method"], request["path"]) == ("PUT", "/subject?t=s3cret")
    assert json.loads(request["body"]) == {"text": "own: body"}
    assert request["headers"]["X-Token"] == "s3cret"
    assert request["headers"]["Cookie"] == "c=s3cret"


@pytest.mark.parametrize(
    ("form", "body"), [({"b": "{{body}}"}, "b=hi"), ("raw {{body}}", "raw hi")]
)
def test_webhook_of_ones_own_sends_forms(receiver: Receiver, notify, form: Any, body: str) -> None:
    url = f"http://{receiver.address}/"

    notify(CustomWebhookNotificationBlock(name="own", url=url, form_data=form), "hi")

    assert receiver.requests[0]["body"] == body


def test_webhook_of_ones_own_raises_what_the_service_answers(receiver: Receiver, notify) -> None:
    import httpx

    receiver.status = 403

    with pytest.raises(httpx.HTTPStatusError, match="403"):
        notify(CustomWebhookNotificationBlock(name="own", url=f"http://{receiver.address}/"), "x")


def test_webhook_of_ones_own_is_checked_when_made() -> None:
    with pytest.raises(KeyError, match="tokn"):
        CustomWebhookNotificationBlock(
            name="own", url="http://x.example/{{tokn}}", secrets={"token": "x"}
        )
    with pytest.raises(ValueError, match="one of them"):
        CustomWebhookNotificationBlock(
            name="own", url="http://x.example/", form_data="a", json_data={}
        )


@pytest.mark.parametrize(
    ("payload", "body"), [({"a": 1}, {"a": 1}), ("text", "text"), (None, None)]
)
def test_webhook_is_called_with_its_payload(receiver: Receiver, payload: Any, body: Any) -> None:
    block = Webhook(url=f"http://{receiver.address}/w", headers={"X-Key": "s3cret"})

    response = asyncio.run(block.call(payload))

    (request,) = receiver.requests
    assert response.status_code == 200
    assert request["headers"]["X-Key"] == "s3cret"
    assert (json.loads(request["body"]) if isinstance(body, dict) else request["body"]) == (
        body or ""
    )


def test_webhook_to_a_private_address_is_refused_when_not_allowed(receiver: Receiver) -> None:
    block = Webhook(url=f"http://{receiver.address}/w", allow_private_urls=False)

    with pytest.raises(ValueError, match="not a public address"):
        asyncio.run(block.call())
    assert receiver.requests == []


def test_blocks_are_described_without_apprise_and_need_it_to_send() -> None:
    program = """
import sys
sys.modules["apprise"] = None
from prefect.blocks.notifications import SlackWebhook
from prefect.exceptions import PrefectImportError
block = SlackWebhook(url="https://hooks.slack.com/services/a/b/c")
assert block.model_json_schema()["secret_fields"] == ["url"]
try:
    block.notify("x")
except PrefectImportError as error:
    assert "prefect-client[notifications]" in str(error), error
else:
    raise AssertionError("sent")
assert "httpx" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", program], check=True, timeout=60)
