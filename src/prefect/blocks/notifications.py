"""Blocks that send messages: through Apprise to many services, or to a URL of your own.

All but `CustomWebhookNotificationBlock` need the extra `notifications`, when the first message is
sent: describing, storing and loading them does not.
"""

from abc import ABC
from typing import TYPE_CHECKING, Any, Literal

from pydantic import AnyHttpUrl, Field, SecretStr

from prefect._extras import require
from prefect._internal.compatibility.async_dispatch import async_dispatch
from prefect.blocks.abstract import NotificationBlock, NotificationError
from prefect.types import SecretDict
from prefect.utilities.templating import apply_values, find_placeholders
from prefect.utilities.urls import validate_restricted_url

if TYPE_CHECKING:
    from types import ModuleType

__all__ = [
    "AbstractAppriseNotificationBlock",
    "AppriseNotificationBlock",
    "CustomWebhookNotificationBlock",
    "DiscordWebhook",
    "MattermostWebhook",
    "MicrosoftTeamsWebhook",
    "NotificationBlock",
    "NotificationError",
    "OpsgenieWebhook",
    "PREFECT_NOTIFY_TYPE_DEFAULT",
    "PagerDutyWebHook",
    "SendgridEmail",
    "SlackWebhook",
    "TwilioSMS",
]

PREFECT_NOTIFY_TYPE_DEFAULT = "info"

_NOTIFY_TYPE = "How the service marks the message: as information, success, warning or failure."
_PRIVATE = "Whether the URL may lead into a private network."


def _apprise() -> "ModuleType":
    return require("apprise", extra="notifications", what="sending notifications")


def _plugin(name: str) -> Any:
    """Give the class of Apprise that speaks to a service."""
    plugin = require(f"apprise.plugins.{name}", extra="notifications", what="sending notifications")
    names = [entry for entry in vars(plugin) if entry.lower() == f"notify{name.replace('_', '')}"]
    return getattr(plugin, names[0]) if names else plugin


class AbstractAppriseNotificationBlock(NotificationBlock, ABC):
    """A service that Apprise speaks to.

    Attributes:
        notify_type: How the service marks the message.
    """

    notify_type: Literal["info", "success", "warning", "failure"] = Field(
        default="info", description=_NOTIFY_TYPE
    )

    _url: SecretStr | None = None

    def _start_apprise_client(self, url: SecretStr) -> None:
        """Send messages to a URL of Apprise; for subclasses, in `block_initialization`."""
        self._url = url

    def _apprise_url(self) -> str:
        """Give the URL of Apprise to send to; built when the first message is sent.

        Raises:
            ValueError: If the class does not say where to send.
        """
        if self._url is None:
            raise ValueError(
                f"{type(self).__name__} does not say where to send: call `_start_apprise_client`"
                " in its `block_initialization`."
            )
        return self._url.get_secret_value()

    def block_initialization(self) -> None:
        """Prepare a new block; the URL is only needed to send."""

    async def anotify(self, body: str, subject: str | None = None) -> None:
        """Send a message.

        Args:
            body: The message.
            subject: Its subject, where the service has one.

        Raises:
            NotificationError: Within `raise_on_failure()`, if it could not be sent; a warning is
                logged otherwise.
            PrefectImportError: If Apprise is not installed.
        """
        client = self._client()
        with _apprise().LogCapture(level=_apprise().logging.INFO) as log:
            sent = await client.async_notify(
                body=body, title=subject or "", notify_type=self.notify_type
            )
            said = log.getvalue()
        self._check(sent, said)

    @async_dispatch(anotify)
    def notify(  # type: ignore[override]  # or a coroutine
        self, body: str, subject: str | None = None
    ) -> None:
        """Send a message; `anotify` says what it raises."""
        client = self._client()
        with _apprise().LogCapture(level=_apprise().logging.INFO) as log:
            sent = client.notify(body=body, title=subject or "", notify_type=self.notify_type)
            said = log.getvalue()
        self._check(sent, said)

    def _client(self) -> Any:
        apprise = _apprise()
        client = apprise.Apprise(asset=apprise.AppriseAsset(app_id="Prefect", app_desc="Prefect"))
        if not client.add(self._apprise_url()):
            raise ValueError(
                f"Apprise does not understand the URL of this {type(self).__name__}. See its list"
                " of services for the form it wants."
            )
        return client

    def _check(self, sent: Any, said: str) -> None:
        if sent:
            return
        if self._raise_on_failure:
            raise NotificationError(log=said)
        name = self._block_document_name or type(self).__name__
        self.logger.warning("The notification through %r was not sent: %s", name, said.strip())


class AppriseNotificationBlock(AbstractAppriseNotificationBlock, ABC):
    """A service that Apprise speaks to by one URL.

    Attributes:
        url: Where messages go, in the form Apprise wants.
        allow_private_urls: Whether it may lead into a private network.
    """

    url: SecretStr = Field(
        default=...,
        description="Where messages go, in the form Apprise wants.",
    )
    allow_private_urls: bool = Field(default=True, description=_PRIVATE)

    def _apprise_url(self) -> str:
        return self.url.get_secret_value()

    def _client(self) -> Any:
        if not self.allow_private_urls:
            validate_restricted_url(self.url.get_secret_value())
        return super()._client()


class SlackWebhook(AppriseNotificationBlock):
    """Sends messages to a channel of Slack, through an incoming webhook."""

    _block_type_name = "Slack Webhook"
    _block_type_slug = "slack-webhook"

    url: SecretStr = Field(
        default=...,
        description="Address of the incoming webhook.",
        examples=["https://hooks.slack.com/services/…"],
    )

    def block_initialization(self) -> None:
        """Prepare a new block; webhooks of Slack for governments are webhooks too."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        # Apprise knows the address of the commercial cloud alone.
        return self.url.get_secret_value().replace("hooks.slack-gov.com", "hooks.slack.com")


class MicrosoftTeamsWebhook(AppriseNotificationBlock):
    """Sends messages to a channel of Microsoft Teams, through a workflow.

    Attributes:
        include_image: Whether to show a picture with the message.
        wrap: Whether long lines of it are wrapped.
    """

    _block_type_name = "Microsoft Teams Webhook"
    _block_type_slug = "ms-teams-webhook"

    url: SecretStr = Field(
        default=...,
        description="Address of the workflow that takes the message.",
    )
    include_image: bool = Field(
        default=True, description="Whether to show a picture with the message."
    )
    wrap: bool = Field(default=True, description="Whether long lines are wrapped.")

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        url = self.url.get_secret_value()
        plugin = _plugin("workflows")
        found = plugin.parse_native_url(url)
        if not found:
            return url
        found |= {"include_image": self.include_image, "wrap": self.wrap}
        known = ("host", "port", "workflow", "signature", "include_image", "wrap", "secure")
        return str(plugin(**{key: found[key] for key in known if key in found}).url())


class PagerDutyWebHook(AbstractAppriseNotificationBlock):
    """Opens incidents in PagerDuty.

    Attributes:
        integration_key: Of the integration that takes the events.
        api_key: Of the account.
        source: Where the incident comes from.
        component: What part of it is concerned.
        group: What group of parts that belongs to.
        class_id: What kind of incident it is.
        region_name: Where the account is kept.
        clickable_url: Where the incident leads.
        include_image: Whether to show a picture with it.
        custom_details: Further details.
    """

    _block_type_name = "Pager Duty Webhook"
    _block_type_slug = "pager-duty-webhook"

    integration_key: SecretStr = Field(
        default=..., description="Key of the integration that takes the events."
    )
    api_key: SecretStr = Field(default=..., description="Key of the account.")
    source: str | None = Field(default="Prefect", description="Where the incident comes from.")
    component: str = Field(
        default="Notification", description="What part of the source is concerned."
    )
    group: str | None = Field(default=None, description="The group that part belongs to.")
    class_id: str | None = Field(default=None, description="What kind of incident it is.")
    region_name: Literal["us", "eu"] = Field(default="us", description="Where the account is kept.")
    clickable_url: AnyHttpUrl | None = Field(default=None, description="Where the incident leads.")
    include_image: bool = Field(
        default=True, description="Whether to show a picture with the incident."
    )
    custom_details: dict[str, str] | None = Field(
        default=None, description="Further details of the incident."
    )

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        return self._url_with(self.custom_details)

    def _url_with(self, details: dict[str, str] | None) -> str:
        return str(
            _plugin("pagerduty")(
                apikey=self.api_key.get_secret_value(),
                integrationkey=self.integration_key.get_secret_value(),
                source=self.source,
                component=self.component,
                group=self.group,
                class_id=self.class_id,
                region_name=self.region_name,
                click=str(self.clickable_url) if self.clickable_url else None,
                include_image=self.include_image,
                details=details,
            ).url()
        )

    async def anotify(self, body: str, subject: str | None = None) -> None:
        """Open an incident.

        Args:
            body: What happened.
            subject: Its title; with one, the body becomes a detail of the incident.

        Raises:
            NotificationError: As `AbstractAppriseNotificationBlock.anotify`.
        """
        block, title = self._with_details(body, subject)
        await AbstractAppriseNotificationBlock.anotify(block, title, None)

    @async_dispatch(anotify)
    def notify(  # type: ignore[override]  # or a coroutine
        self, body: str, subject: str | None = None
    ) -> None:
        """Open an incident; see `anotify`."""
        block, title = self._with_details(body, subject)
        AbstractAppriseNotificationBlock.notify(block, title, None, _sync=True)  # type: ignore[call-arg]  # not typed

    def _with_details(self, body: str, subject: str | None) -> tuple["PagerDutyWebHook", str]:
        """The service's summary is one line: the subject is, and the body goes to the details."""
        if not subject:
            return self, body
        details = {"message": body, **(self.custom_details or {})}
        block = self.model_copy(update={"custom_details": details})
        return block, subject


class TwilioSMS(AbstractAppriseNotificationBlock):
    """Sends text messages to telephones, through Twilio.

    Attributes:
        account_sid: The account.
        auth_token: Its token.
        from_phone_number: The number messages come from.
        to_phone_numbers: The numbers they go to.
    """

    _block_type_name = "Twilio SMS"
    _block_type_slug = "twilio-sms"

    account_sid: str = Field(default=..., description="The account, by its SID.")
    auth_token: SecretStr = Field(default=..., description="The account's token.")
    from_phone_number: str = Field(
        default=..., description="The number messages come from.", examples=["+12015550100"]
    )
    to_phone_numbers: list[str] = Field(
        default=..., description="The numbers messages go to.", examples=[["+12015550101"]]
    )

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        return str(
            _plugin("twilio")(
                account_sid=self.account_sid,
                auth_token=self.auth_token.get_secret_value(),
                source=self.from_phone_number,
                targets=self.to_phone_numbers,
            ).url()
        )


class OpsgenieWebhook(AbstractAppriseNotificationBlock):
    """Raises alerts in Opsgenie.

    Attributes:
        apikey: Key of the integration.
        target_user: Users to alert.
        target_team: Teams to alert.
        target_schedule: Schedules to alert.
        target_escalation: Escalations to alert.
        region_name: Where the account is kept.
        batch: Whether all are told in one request.
        tags: Tags of the alert.
        priority: 1 (low) to 5 (emergency).
        alias: The alert's own name.
        entity: What it is about.
        details: Further details.
    """

    _block_type_name = "Opsgenie Webhook"
    _block_type_slug = "opsgenie-webhook"

    apikey: SecretStr = Field(default=..., description="Key of the integration.")
    target_user: list[str] | None = Field(default=None, description="Users to alert.")
    target_team: list[str] | None = Field(default=None, description="Teams to alert.")
    target_schedule: list[str] | None = Field(default=None, description="Schedules to alert.")
    target_escalation: list[str] | None = Field(default=None, description="Escalations to alert.")
    region_name: Literal["us", "eu"] = Field(default="us", description="Where the account is kept.")
    batch: bool = Field(default=False, description="Whether all are told in one request.")
    tags: list[str] | None = Field(default=None, description="Tags of the alert.")
    priority: int | None = Field(default=3, description="1 (low) to 5 (emergency).")
    alias: str | None = Field(default=None, description="The alert's own name.")
    entity: str | None = Field(default=None, description="What the alert is about.")
    details: dict[str, str] | None = Field(
        default=None, description="Further details of the alert."
    )

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        marked = (
            ("@", self.target_user),
            ("#", self.target_team),
            ("*", self.target_schedule),
            ("^", self.target_escalation),
        )
        return str(
            _plugin("opsgenie")(
                apikey=self.apikey.get_secret_value(),
                action="new",  # whatever the kind of message, an alert begins
                targets=[mark + target for mark, targets in marked for target in targets or ()],
                region_name=self.region_name,
                details=self.details,
                priority=self.priority,
                alias=self.alias,
                entity=self.entity,
                batch=self.batch,
                tags=self.tags,
            ).url()
        )


class MattermostWebhook(AbstractAppriseNotificationBlock):
    """Sends messages to channels of Mattermost, through an incoming webhook.

    Attributes:
        hostname: The server.
        secure: Whether it is called by HTTPS.
        token: Of the webhook.
        botname: Who the message is from.
        channels: Where it goes, instead of the webhook's own channel.
        include_image: Whether to show a picture with it.
        path: Where on the server Mattermost is, if not at its root.
        port: The server's port.
    """

    _block_type_name = "Mattermost Webhook"
    _block_type_slug = "mattermost-webhook"

    hostname: str = Field(default=..., description="The server.", examples=["chat.example.com"])
    secure: bool = Field(default=False, description="Whether it is called by HTTPS.")
    token: SecretStr = Field(default=..., description="Token of the webhook.")
    botname: str | None = Field(default=None, description="Who the message is from.")
    channels: list[str] | None = Field(
        default=None, description="Channels it goes to, instead of the webhook's own."
    )
    include_image: bool = Field(
        default=False, description="Whether to show a picture with the message."
    )
    path: str | None = Field(
        default=None, description="Where on the server Mattermost is, if not at its root."
    )
    port: int = Field(default=8065, description="The server's port.")

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        return str(
            _plugin("mattermost")(
                token=self.token.get_secret_value(),
                fullpath=self.path,
                host=self.hostname,
                user=self.botname,
                targets=self.channels,
                include_image=self.include_image,
                port=self.port,
                secure=self.secure,
            ).url()
        )


class DiscordWebhook(AbstractAppriseNotificationBlock):
    """Sends messages to a channel of Discord, through a webhook.

    Attributes:
        webhook_id: The first half of the webhook's address.
        webhook_token: The second half.
        botname: Who the message is from.
        tts: Whether it is read aloud.
        include_image: Whether to show a picture with it.
        avatar: Whether to show a picture of the sender.
        avatar_url: Where that picture is.
    """

    _block_type_name = "Discord Webhook"
    _block_type_slug = "discord-webhook"

    webhook_id: SecretStr = Field(
        default=..., description="The first half of the webhook's address."
    )
    webhook_token: SecretStr = Field(
        default=..., description="The second half of the webhook's address."
    )
    botname: str | None = Field(default=None, description="Who the message is from.")
    tts: bool = Field(default=False, description="Whether the message is read aloud.")
    include_image: bool = Field(
        default=False, description="Whether to show a picture with the message."
    )
    avatar: bool = Field(default=False, description="Whether to show a picture of the sender.")
    avatar_url: str | None = Field(default=None, description="Where that picture is.")

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        return str(
            _plugin("discord")(
                webhook_id=self.webhook_id.get_secret_value(),
                webhook_token=self.webhook_token.get_secret_value(),
                user=self.botname,
                tts=self.tts,
                avatar=self.avatar,
                include_image=self.include_image,
                avatar_url=self.avatar_url,
            ).url()
        )


class SendgridEmail(AbstractAppriseNotificationBlock):
    """Sends e-mail, through SendGrid.

    Attributes:
        api_key: Key of the account.
        sender_email: The address it comes from.
        to_emails: The addresses it goes to.
    """

    _block_type_name = "Sendgrid Email"
    _block_type_slug = "sendgrid-email"

    api_key: SecretStr = Field(default=..., description="Key of the account.")
    sender_email: str = Field(
        default=..., description="The address it comes from.", examples=["flows@example.com"]
    )
    to_emails: list[str] = Field(
        default=..., description="The addresses it goes to.", examples=[["team@example.com"]]
    )

    def block_initialization(self) -> None:
        """Prepare a new block."""
        super().block_initialization()

    def _apprise_url(self) -> str:
        return str(
            _plugin("sendgrid")(
                apikey=self.api_key.get_secret_value(),
                from_email=self.sender_email,
                targets=self.to_emails,
            ).url()
        )

    async def anotify(self, body: str, subject: str | None = None) -> None:
        """Send an e-mail; as `AbstractAppriseNotificationBlock.anotify`."""
        await super().anotify(body, subject)

    @async_dispatch(anotify)
    def notify(  # type: ignore[override]  # or a coroutine
        self, body: str, subject: str | None = None
    ) -> None:
        """Send an e-mail; see `anotify`."""
        super().notify(body, subject, _sync=True)  # type: ignore[call-arg]  # not typed


class CustomWebhookNotificationBlock(NotificationBlock):
    """Sends messages to a URL of your own, in a form of your own.

    In every field but the method, `{{ subject }}`, `{{ body }}`, `{{ name }}` and the keys of
    `secrets` stand for their values.

    Attributes:
        name: Of the webhook.
        url: Where the requests go.
        method: Their method.
        params: Their query.
        json_data: Their body, as JSON.
        form_data: Their body, as a form; not together with `json_data`.
        headers: Their headers.
        cookies: Their cookies.
        timeout: Seconds to wait for an answer.
        allow_private_urls: Whether the URL may lead into a private network.
        secrets: Values that templates may use.
    """

    _block_type_name = "Custom Webhook"

    name: str = Field(description="Name of the webhook.")
    url: str = Field(
        description="Where the requests go.",
        examples=["https://alerts.example/hook?token={{ token }}"],
    )
    method: Literal["GET", "POST", "PUT", "PATCH", "DELETE"] = Field(
        default="POST", description="The method of the requests."
    )
    params: dict[str, str] | None = Field(default=None, description="Query of the requests.")
    json_data: dict[str, Any] | None = Field(
        default=None,
        description="Body of the requests, as JSON.",
        examples=[{"text": "{{ subject }}: {{ body }}"}],
    )
    form_data: dict[str, str] | str | None = Field(
        default=None,
        description="Body of the requests, as a form. Not together with JSON data.",
    )
    headers: dict[str, str] | None = Field(default=None, description="Headers of the requests.")
    cookies: dict[str, str] | None = Field(default=None, description="Cookies of the requests.")
    timeout: float = Field(default=10, description="Seconds to wait for an answer.")
    allow_private_urls: bool = Field(default=True, description=_PRIVATE)
    secrets: SecretDict = Field(
        default_factory=lambda: SecretDict({}),
        description="Values that templates may use by their keys.",
    )

    def block_initialization(self) -> None:
        """Check that every template has its value.

        Raises:
            KeyError: If a template names something that is neither a secret nor part of a message.
            ValueError: If there is JSON and a form.
        """
        if self.json_data is not None and self.form_data is not None:
            raise ValueError(
                f"The webhook {self.name!r} has both `json_data` and `form_data`; a request has one"
                " body: give one of them."
            )
        known = {"subject", "body", "name", *self.secrets.get_secret_value()}
        for field in ("url", "params", "json_data", "form_data", "headers", "cookies"):
            for placeholder in find_placeholders(getattr(self, field)):
                if placeholder.name not in known:
                    raise KeyError(
                        f"{field}: {placeholder.full_match} stands for nothing; add"
                        f" {placeholder.name!r} to `secrets`, or use one of {sorted(known)}"
                    )

    def _build_request_args(self, body: str, subject: str | None) -> dict[str, Any]:
        """Give the arguments of the request for a message."""
        values = {
            **self.secrets.get_secret_value(),
            "subject": subject,
            "body": body,
            "name": self.name,
        }
        if subject is None:
            values["subject"] = ""
        return {
            "method": self.method,
            "url": apply_values(self.url, values),
            "params": apply_values(self.params, values),
            "data": apply_values(self.form_data, values),
            "json": apply_values(self.json_data, values),
            "headers": apply_values(self.headers, values),
            "cookies": apply_values(self.cookies, values),
            "timeout": self.timeout,
        }

    async def anotify(self, body: str, subject: str | None = None) -> None:
        """Send a message.

        Args:
            body: The message.
            subject: Its subject.

        Raises:
            ValueError: If the URL leads into a private network and may not.
            httpx.HTTPError: If the request fails, or is answered with an error.
        """
        import httpx  # heavy: describing a webhook needs no client

        arguments = self._checked(self._build_request_args(body, subject))
        cookies = arguments.pop("cookies")
        transport: httpx.AsyncBaseTransport | None = None
        if not self.allow_private_urls:
            from prefect.utilities.urls import SSRFProtectedAsyncHTTPTransport  # loads httpx

            transport = SSRFProtectedAsyncHTTPTransport()
        async with httpx.AsyncClient(transport=transport, cookies=cookies) as client:
            (await client.request(**_body_of(arguments))).raise_for_status()

    @async_dispatch(anotify)
    def notify(  # type: ignore[override]  # or a coroutine
        self, body: str, subject: str | None = None
    ) -> None:
        """Send a message; `anotify` says what it raises."""
        import httpx  # heavy, as above

        arguments = self._checked(self._build_request_args(body, subject))
        cookies = arguments.pop("cookies")
        transport: httpx.BaseTransport | None = None
        if not self.allow_private_urls:
            from prefect.utilities.urls import SSRFProtectedHTTPTransport  # loads httpx

            transport = SSRFProtectedHTTPTransport()
        with httpx.Client(transport=transport, cookies=cookies) as client:
            client.request(**_body_of(arguments)).raise_for_status()

    def _checked(self, arguments: dict[str, Any]) -> dict[str, Any]:
        if not self.allow_private_urls:
            validate_restricted_url(arguments["url"])
        return arguments


def _body_of(arguments: dict[str, Any]) -> dict[str, Any]:
    """Send a body that is text as text; httpx wants another argument for it."""
    if isinstance(arguments["data"], str):
        return {**arguments, "content": arguments["data"], "data": None}
    return arguments
