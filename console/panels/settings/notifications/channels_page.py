"""The tab of channels: mail servers and webhooks."""

from collections.abc import Callable
from typing import ClassVar

from PySide6.QtWidgets import QWidget

from console.bridge.notification_commands import RemoveChannel, SaveChannel, Saved
from console.panels.settings.notifications.authorities import ChoosePem, ask_pem
from console.panels.settings.notifications.channel_dialogs import (
    ChannelDialog,
    MailDialog,
    WebhookDialog,
)
from console.panels.settings.notifications.list_page import Deed, Empty
from console.panels.settings.notifications.questions import Setup
from console.panels.settings.notifications.setup_page import SetupPage
from console.panels.settings.notifications.table_model import WordsModel
from console.panels.settings.notifications.test_dialog import TestDialog
from console.panels.settings.notifications.words import secret_text, security_text
from console.panels.settings.section import Surroundings
from console.panels.wording import count_text
from models.records.notification import Channel, ChannelKind

_HEADINGS = ("Name", "Kind", "Address", "Encryption", "Secret", "State")
_WIDTHS = (150, 84, 150, 92, 150, 76)
_EMPTY = Empty(
    "mdi6.email-outline",
    "Nobody is told off the console yet",
    "Add the site's mail server, or the webhook of a chat or paging service. Rules then say who is told.",
    "Add mail server…",
)


class ChannelsPage(SetupPage[Channel]):
    """Everything that can be done with channels."""

    name: ClassVar[str] = "channels"

    def __init__(
        self, around: Surroundings, reload: Callable[[Setup], None], choose_pem: ChoosePem = ask_pem
    ) -> None:
        """Store what is needed; `reload` hears of everything that was read anew."""
        model = WordsModel[Channel](_HEADINGS, lambda channel: channel.id, _words, None)
        super().__init__(self.name, "Channels", model, _WIDTHS, _EMPTY, around, reload)
        self._choose_pem = choose_pem
        self.add_deeds(
            Deed("edit", "Edit…", "E", self.edit),
            Deed("test", "Test…", "T", self.test),
            Deed("remove", "Remove…", "Del", self.remove),
            Deed("add-mail", "Add mail server…", "M", self.add_mail, needs_row=False),
            Deed("add-webhook", "Add webhook…", "W", self.add_webhook, needs_row=False),
        )
        self.empty_acted.connect(self.add_mail)

    def show_setup(self, setup: Setup, keep: int | None = None) -> None:
        """Show another state."""
        self.show_rows(setup.channels, keep)
        self.summary.setText(count_text(len(setup.channels), "channel"))

    def add_mail(self) -> None:
        """Open the form of a new mail server."""
        self._open(MailDialog(None, self.theme_source, self, self._choose_pem))

    def add_webhook(self) -> None:
        """Open the form of a new webhook."""
        self._open(WebhookDialog(None, self.theme_source, self, self._choose_pem))

    def edit(self) -> None:
        """Open the form of the channel chosen."""
        channel = self.chosen
        if channel is not None:
            kind = MailDialog if channel.kind is ChannelKind.SMTP else WebhookDialog
            self._open(kind(channel, self.theme_source, self, self._choose_pem))

    def test(self) -> None:
        """Send a test by the channel chosen."""
        if self.chosen is not None:
            self._open_test(self.chosen, None, self, is_stored=True)

    def remove(self) -> None:
        """Ask whether the channel chosen shall go."""
        channel = self.chosen
        if channel is None or self._dialog is not None:
            return
        self._ask_removal(
            "channel-remove",
            f"“{channel.name}” will be removed, with its address and secret.",
            "Messages that wait for it are cancelled; those sent stay.",
            RemoveChannel(channel.id),
            f"{channel.name} was removed.",
        )

    def _open(self, dialog: ChannelDialog) -> None:
        if self._dialog is not None:
            dialog.deleteLater()
            return
        dialog.submitted.connect(lambda: self._save(dialog))
        dialog.test_wanted.connect(
            lambda: self._open_test(dialog.channel(), dialog.secret(), dialog, is_stored=False)
        )
        self._show(dialog)

    def _open_test(self, channel: Channel, secret: str | None, parent: QWidget, *, is_stored: bool) -> None:
        dialog = TestDialog(channel, secret, self._bridge, self.theme_source, parent, is_stored=is_stored)
        # Of two dialogs one over the other, some window managers give the keyboard back to neither.
        dialog.finished.connect(parent.activateWindow)
        dialog.open()

    def _save(self, dialog: ChannelDialog) -> None:
        channel = dialog.channel()
        dialog.set_busy("Saving…")

        def take(saved: Saved) -> None:
            self._confirm(dialog, f"Saved: {channel.name}. {saved.note}".rstrip(), saved.id)

        command = SaveChannel(channel, dialog.secret(), self._bridge.sealing)
        self._bridge.command(command, take, dialog.refuse, self)


def _words(channel: Channel) -> tuple[str, ...]:
    return (
        channel.name,
        channel.kind.label,
        channel.address,
        security_text(channel),
        secret_text(channel),
        "Used" if channel.enabled else "Off",
    )
