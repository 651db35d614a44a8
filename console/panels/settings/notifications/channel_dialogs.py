"""The forms of a mail server and of a webhook. Each gives out the channel, and its secret as typed."""

from dataclasses import replace

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QWidget,
)

from console.panels.settings.notifications.authorities import Authorities, ChoosePem, ask_pem
from console.panels.settings.notifications.side_by_side import side_by_side
from console.panels.settings.notifications.words import (
    address_error,
    header_error,
    host_error,
    name_error,
    url_error,
)
from console.widgets.form_dialog import FormDialog
from console.widgets.password_field import PasswordField
from console.widgets.spin_box import make_spin_box
from console.widgets.theme import ThemeSource
from models.records.notification import Channel, ChannelId, ChannelKind, Security

_UNCHANGED = "as stored; type to replace it"


class ChannelDialog(FormDialog):
    """What both forms have.

    Attributes:
        test_wanted: What is typed shall be tried before it is saved.
    """

    test_wanted = Signal()

    def __init__(
        self,
        name: str,
        channel: Channel,
        title: str,
        theme_source: ThemeSource,
        parent: QWidget,
        choose_pem: ChoosePem = ask_pem,
    ) -> None:
        verb = "Save" if channel.id else "Add channel"
        super().__init__(name, title, verb, theme_source, parent)
        self._before = channel
        self._authorities = Authorities(f"{name}-authorities", channel.authorities, choose_pem)
        self._enabled = QCheckBox("Messages are sent by this channel")
        self._enabled.setObjectName(f"{name}-enabled")
        self._enabled.setChecked(channel.enabled)
        self._test = QPushButton("&Test before saving…")
        self._test.setObjectName(f"{name}-test")
        self._test.setAutoDefault(False)
        self._test.clicked.connect(self._ask_for_test)

    def channel(self) -> Channel:
        """Return the channel as typed; its `secret` is the stored one and counts for nothing."""
        raise NotImplementedError

    def secret(self) -> str | None:
        """Return the secret typed; "" = none from now on, None = as stored."""
        raise NotImplementedError

    def _finish_layout(self) -> None:
        self.add_row(
            "Trusted authorities",
            self._authorities,
            lambda: self._authorities.fault,
            "Only where the server's certificate comes from an authority of your own.",
        )
        line = QWidget()
        layout = QHBoxLayout(line)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._enabled, 1)
        layout.addWidget(self._test)
        self.add_widget(line)

    def _ask_for_test(self) -> None:
        if self.check():
            self.test_wanted.emit()


class MailDialog(ChannelDialog):
    """A mail server."""

    def __init__(
        self,
        channel: Channel | None,
        theme_source: ThemeSource,
        parent: QWidget,
        choose_pem: ChoosePem = ask_pem,
    ) -> None:
        known = channel or Channel(ChannelId(0), "", ChannelKind.SMTP)
        title = (
            "Stations hand their mails to this server from the next message on."
            if known.id
            else "Stations will hand mails to this server; rules then say who is told of what."
        )
        super().__init__("mail", known, title, theme_source, parent, choose_pem)
        self._name = _line("mail-name", known.name)
        self._sender = _line("mail-sender", known.sender)
        self._host = _line("mail-host", known.host)
        self._port = make_spin_box("mail-port", "", 1, 65535, known.port)
        self._security = QComboBox()
        self._security.setObjectName("mail-security")
        for choice in (Security.STARTTLS, Security.TLS, Security.NONE):
            self._security.addItem(choice.label, choice)
        self._security.setCurrentIndex(self._security.findData(known.security))
        self._user = _line("mail-user", known.username)
        self._password = PasswordField("mail-password")
        self._has_stored = known.secret is not None
        self._password.setPlaceholderText(_UNCHANGED if self._has_stored else "")
        self._lay_out()
        self._security.currentIndexChanged.connect(self._follow_security)
        self._name.setFocus()

    def channel(self) -> Channel:
        """Return the channel as typed."""
        return replace(
            self._before,
            name=self._name.text().strip(),
            enabled=self._enabled.isChecked(),
            host=self._host.text().strip(),
            port=self._port.value(),
            security=self._chosen_security,
            username=self._user.text(),
            sender=self._sender.text().strip(),
            authorities=self._authorities.pem,
        )

    def secret(self) -> str | None:
        """Return the password typed; none without a user name."""
        if not self._user.text():
            return ""
        return self._password.text() or (None if self._has_stored else "")

    def _lay_out(self) -> None:
        side_by_side(
            self,
            (
                self.add_row("&Name", self._name, lambda: name_error(self._name.text()), "As rules name it."),
                1,
            ),
            (
                self.add_row(
                    "Sender's &address",
                    self._sender,
                    lambda: address_error(self._sender.text()),
                    "As readers see it.",
                ),
                1,
            ),
        )
        side_by_side(
            self,
            (self.add_row("Mail &server", self._host, lambda: host_error(self._host.text())), 3),
            (self.add_row("&Port", self._port), 1),
        )
        self.add_row("&Encryption", self._security, self._security_error)
        side_by_side(
            self,
            (
                self.add_row("&User name", self._user, hint="Empty: the server asks for none."),
                1,
            ),
            (self.add_row("Pass&word", self._password, self._password_error), 1),
        )
        self._finish_layout()

    @property
    def _chosen_security(self) -> Security:
        return Security(self._security.currentData())

    def _follow_security(self) -> None:
        usual = {security.usual_port for security in Security}
        if self._port.value() in usual:
            self._port.setValue(self._chosen_security.usual_port)

    def _security_error(self) -> str:
        if self._user.text() and self._chosen_security is Security.NONE:
            return "A password is not sent in clear: choose STARTTLS or TLS, or leave the user name empty."
        return ""

    def _password_error(self) -> str:
        if self._user.text() and not self._password.text() and not self._has_stored:
            return "Type the password of this user."
        return ""


class WebhookDialog(ChannelDialog):
    """An address that gets messages as JSON."""

    def __init__(
        self,
        channel: Channel | None,
        theme_source: ThemeSource,
        parent: QWidget,
        choose_pem: ChoosePem = ask_pem,
    ) -> None:
        known = channel or Channel(ChannelId(0), "", ChannelKind.WEBHOOK)
        title = (
            "Stations post their messages to this address from the next one on."
            if known.id
            else "Stations will post messages to this address; rules then say which."
        )
        super().__init__("webhook", known, title, theme_source, parent, choose_pem)
        self._has_stored = known.secret is not None
        self._name = _line("webhook-name", known.name)
        self._url = _line("webhook-url", known.url)
        self._header = _line("webhook-header", known.secret_header)
        self._secret = PasswordField("webhook-secret")
        self._secret.setPlaceholderText(_UNCHANGED if self._has_stored else "")
        self._no_secret = QCheckBox("Use no secret any more")
        self._no_secret.setObjectName("webhook-no-secret")
        self._no_secret.setVisible(self._has_stored)
        self.add_row("&Name", self._name, lambda: name_error(self._name.text()), "As rules name it.")
        self.add_row(
            "A&ddress", self._url, self._url_error, "It gets a POST with JSON; redirects are not followed."
        )
        side_by_side(
            self,
            (
                self.add_row(
                    "Send the secret as &header",
                    self._header,
                    lambda: header_error(self._header.text()),
                    "For instance Authorization. Empty: the secret signs the message (HMAC-SHA256).",
                ),
                1,
            ),
            (self.add_row("&Secret", self._secret, hint="Empty: none is sent, nothing is signed."), 1),
        )
        self.add_widget(self._no_secret)
        self._finish_layout()
        self._name.setFocus()

    def channel(self) -> Channel:
        """Return the channel as typed."""
        return replace(
            self._before,
            name=self._name.text().strip(),
            enabled=self._enabled.isChecked(),
            url=self._url.text().strip(),
            secret_header=self._header.text().strip(),
            authorities=self._authorities.pem,
        )

    def secret(self) -> str | None:
        """Return the secret typed."""
        if self._no_secret.isChecked():
            return ""
        return self._secret.text() or (None if self._has_stored else "")

    def _url_error(self) -> str:
        has_secret = self.secret() != ""
        return url_error(self._url.text(), has_header=has_secret and bool(self._header.text().strip()))


def _line(name: str, text: str) -> QLineEdit:
    field = QLineEdit(text)
    field.setObjectName(name)
    field.setCursorPosition(0)
    return field
