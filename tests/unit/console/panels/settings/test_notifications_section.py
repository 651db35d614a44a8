"""Channels, rules, messages and the test dialog, by keyboard and on a bridge fed by hand."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QTableView,
)

from console.bridge.notification_commands import (
    CancelDeliveries,
    OpenSecret,
    RemoveChannel,
    RemoveRule,
    RequestTest,
    RetryDeliveries,
    SaveChannel,
    Saved,
    SaveRule,
)
from console.panels.settings.notifications.notifications_section import NotificationsSection
from console.panels.settings.notifications.questions import LoadDelivery, LoadQueue, LoadSetup
from console.panels.settings.notifications.test_dialog import TestDialog
from console.panels.settings.settings_panel import SettingsPanel
from models.records.device import DeviceId
from models.records.notification import Attempt, DeliveryId, DeliveryState, Outcome, Security
from models.records.person import Role
from models.records.shelf import AlarmSettings, Shift
from models.records.threshold import Severity
from tests.unit.console.event_loop import next_turn
from tests.unit.console.panels.plant_scene import make_device
from tests.unit.console.panels.settings.notification_scene import (
    FAILED,
    HOOK,
    HUNG,
    MAIL,
    ON_CALL,
    QUEUE,
    SENT,
    SETUP,
    STEPS,
    TROUBLED,
    WAITING,
    delivery,
)


def answer(bridge, kind, result):
    """Answer the questions of a kind that are open."""
    asked = [one for one in bridge.asked if isinstance(one.what, kind)]
    assert asked, f"nobody asked {kind.__name__}"
    for one in asked:
        bridge.asked.remove(one)
        one.on_done(result)


class OnlyNotifications(SettingsPanel):
    """The settings without their other sections."""

    def __init__(self, *parts, **more):
        super().__init__(*parts, **more, sections=(NotificationsSection,))


@pytest.fixture
def settings(show, empty_bridge) -> SettingsPanel:
    return show(OnlyNotifications, empty_bridge)


@pytest.fixture
def section(settings, empty_bridge) -> NotificationsSection:
    empty_bridge.alarm_settings = AlarmSettings(shifts=(Shift("Early", "06:00"), Shift("Night", "22:00")))
    empty_bridge.set_catalogue([make_device(number) for number in range(1, 5)])
    settings.current_section.refresh()
    answer(empty_bridge, LoadSetup, SETUP)
    answer(empty_bridge, LoadQueue, QUEUE)
    return settings.current_section


def press(section, page, key):
    """Press a key on the table of a page, whose tab is turned to."""
    section.show_tab(page.accessibleName())
    table = page.findChild(QTableView)
    table.setFocus()
    QTest.keyClick(table, key)
    next_turn()


def form(section) -> QDialog:
    (opened,) = [dialog for dialog in section.findChildren(QDialog) if dialog.isVisible()]
    return opened


def fill(section, **texts):
    for name, text in texts.items():
        form(section).findChild(QLineEdit, name.replace("_", "-")).setText(text)


def go(section):
    QTest.mouseClick(
        form(section).findChild(QPushButton, f"{form(section).objectName()}-go"), Qt.MouseButton.LeftButton
    )


def below(section, name):
    return form(section).findChild(QLabel, f"{name}-below").text()


def said(page):
    return page.findChild(QLabel, f"{page.objectName()}-said").text()


def rows(page):
    return [
        [page.model.index(row, column).data() for column in range(page.model.columnCount())]
        for row in range(page.model.rowCount())
    ]


def test_channels_rules_and_messages_say_what_they_do(section):
    assert rows(section.channels)[1] == [
        "Plant mail",
        "E-mail",
        "mail.plant.example:587",
        "STARTTLS",
        "password of console",
        "Used",
    ]
    assert rows(section.rules) == [
        [
            "On call",
            "Critical, Warning",
            "every operator, Anna Berg, on-call@plant.example",
            "Plant mail",
            "Night, after 2 min",
            "the whole plant",
            "Counts",
        ],
        ["Page for critical", "Critical", "the webhook", "Paging", "always, at once", "Hall A", "Counts"],
    ]
    assert rows(section.messages)[0][:4] == [
        "Waiting",
        rows(section.messages)[0][1],
        "17 alerts: 2 critical, 15 warning",
        "Anna Berg",
    ]


def test_a_new_mail_server_is_checked_field_by_field_and_saved_with_its_password(section, empty_bridge):
    press(section, section.channels, Qt.Key.Key_M)
    go(section)
    assert "Type a name" in below(section, "mail-name")
    assert "mail.example.com" in below(section, "mail-host")
    fill(
        section,
        mail_name=" Night mail ",
        mail_host="mail.example.com",
        mail_sender="c@example.com",
        mail_user="c",
    )
    go(section)
    assert "Type the password" in below(section, "mail-password")
    fill(section, mail_password="Zange-7-Huf")
    go(section)
    command = empty_bridge.commanded[0].what
    assert isinstance(command, SaveChannel)
    assert (command.channel.name, command.channel.host, command.secret) == (
        "Night mail",
        "mail.example.com",
        "Zange-7-Huf",
    )
    assert "Zange" not in repr(command)
    stored = replace(command.channel, id=9)
    empty_bridge.confirm_next(Saved(stored.id, "The site's key for encrypted fields was made."))
    answer(empty_bridge, LoadSetup, replace(SETUP, channels=(*SETUP.channels, stored)))
    assert said(section.channels) == "Saved: Night mail. The site's key for encrypted fields was made."
    assert section.channels.chosen == stored
    next_turn()
    assert section.channels.table.hasFocus()


def test_a_password_is_not_sent_in_clear(section, empty_bridge):
    press(section, section.channels, Qt.Key.Key_M)
    choice = form(section).findChild(QComboBox, "mail-security")
    choice.setCurrentIndex(choice.findData(Security.NONE))
    fill(section, mail_user="c", mail_password="x")
    go(section)
    assert "not sent in clear" in below(section, "mail-security")
    assert empty_bridge.commanded == []


def test_an_edited_channel_keeps_its_secret_unless_another_is_typed(section, empty_bridge):
    section.channels.table.selectRow(1)
    press(section, section.channels, Qt.Key.Key_E)
    go(section)
    assert empty_bridge.commanded.pop().what == SaveChannel(MAIL, None)
    form(section).refuse("x")
    fill(section, mail_user="")
    go(section)
    assert empty_bridge.commanded[0].what == SaveChannel(replace(MAIL, username=""), "")


def test_a_secret_that_is_sent_needs_an_encrypted_way(section, empty_bridge):
    section.channels.table.selectRow(0)
    press(section, section.channels, Qt.Key.Key_Return)
    fill(section, webhook_url="http://paging.example.com/")
    go(section)
    assert "begins with https://" in below(section, "webhook-url")
    form(section).findChild(QCheckBox, "webhook-no-secret").setChecked(True)
    go(section)
    assert empty_bridge.commanded[0].what == SaveChannel(replace(HOOK, url="http://paging.example.com/"), "")


@pytest.mark.parametrize(
    ("content", "words"), [("no certificate", "holds no certificates"), (None, "cannot be read")]
)
def test_a_file_that_holds_no_certificate_is_refused(section, tmp_path, content, words):
    file = tmp_path / "authority.pem"
    _ = content is None or file.write_text(content)
    section.channels._choose_pem = lambda _parent: file
    press(section, section.channels, Qt.Key.Key_M)
    form(section).findChild(QPushButton, "mail-authorities-choose").click()
    assert words in form(section).findChild(QLabel, "mail-authorities-words").text()


def test_a_refusal_is_said_in_the_form_and_what_was_typed_stays(section, empty_bridge):
    section.channels.table.selectRow(1)
    press(section, section.channels, Qt.Key.Key_E)
    go(section)
    empty_bridge.refuse_next("This workstation does not hold the key of encrypted fields.")
    assert "does not hold the key" in form(section).findChild(QLabel, "mail-said").text()
    assert form(section).findChild(QLineEdit, "mail-host").text() == "mail.plant.example"


def test_removing_asks_first_and_names_what_stands_in_the_way(section, empty_bridge):
    section.channels.table.selectRow(1)
    press(section, section.channels, Qt.Key.Key_Delete)
    go(section)
    assert empty_bridge.commanded[0].what == RemoveChannel(MAIL.id)
    empty_bridge.refuse_next("Rules tell people by this channel: On call.")
    assert "On call" in form(section).findChild(QLabel, "channel-remove-said").text()


def test_a_rule_is_made_of_choices(section, empty_bridge):
    press(section, section.rules, Qt.Key.Key_N)
    channel = form(section).findChild(QComboBox, "rule-channel")
    channel.setCurrentIndex(channel.findData(MAIL.id))
    fill(section, rule_name="Shift leaders")
    go(section)
    assert "Choose somebody" in below(section, "rule-roles")
    fill(section, rule_addresses="A@b.example; c@d.example")
    form(section).findChild(QCheckBox, "rule-severities-1").click()
    form(section).findChild(QCheckBox, "rule-roles-1").click()
    form(section).findChild(QCheckBox, "rule-shifts-1").click()
    for name, row in (("rule-persons", 1), ("rule-where", 0)):
        choices = form(section).findChild(QListWidget, name)
        choices.setCurrentRow(row)
        QTest.keyClick(choices, Qt.Key.Key_Space)
    go(section)
    rule = empty_bridge.commanded[0].what.rule
    assert isinstance(empty_bridge.commanded[0].what, SaveRule)
    assert (rule.name, rule.channel, rule.severities) == (
        "Shift leaders",
        MAIL.id,
        {Severity.CRITICAL, Severity.WARNING},
    )
    assert (rule.roles, rule.persons, rule.addresses) == (
        {Role.OPERATOR},
        {2},
        ("a@b.example", "c@d.example"),
    )
    assert (rule.shifts, len(rule.locations), rule.devices, rule.delay_s) == (
        ("Night",),
        1,
        frozenset(),
        60.0,
    )


def test_an_edited_rule_comes_back_as_it_was(section, empty_bridge):
    rule = replace(ON_CALL, devices=frozenset({DeviceId(2)}), locations=("A hall that is gone",))
    section.rules.show_setup(replace(SETUP, rules=(rule,)))
    press(section, section.rules, Qt.Key.Key_E)
    go(section)
    assert empty_bridge.commanded[0].what == SaveRule(rule)


def test_whom_to_tell_is_not_asked_for_a_webhook(section, empty_bridge):
    section.rules.table.selectRow(1)
    press(section, section.rules, Qt.Key.Key_E)
    assert not form(section).findChild(QLineEdit, "rule-addresses").isVisible()
    go(section)
    assert empty_bridge.commanded[0].what == SaveRule(SETUP.rules[1])


def test_a_rule_of_a_shift_that_is_gone_says_so(section):
    gone = replace(ON_CALL, shifts=("Twilight",))
    section.rules.show_setup(replace(SETUP, rules=(gone,)))
    assert section.rules.summary.text() == "1 rule; shifts are gone in: On call"
    press(section, section.rules, Qt.Key.Key_E)
    words = [box.text() for box in form(section).findChildren(QCheckBox)]
    assert "Twilight (no shift any more)" in words


def test_without_a_channel_no_rule_can_be_made(section):
    section.rules.show_setup(replace(SETUP, channels=(), rules=()))
    section.rules.add()
    assert said(section.rules).startswith("Add a channel first")


def test_the_empty_page_takes_the_key_of_its_button_too(section):
    section.show_tab(section.rules.accessibleName())
    section.rules.show_setup(replace(SETUP, channels=(), rules=()))
    button = section.rules.findChild(QPushButton, "empty-state-action")
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_N)
    assert said(section.rules).startswith("Add a channel first")


def test_a_rule_is_removed_after_a_question(section, empty_bridge):
    press(section, section.rules, Qt.Key.Key_Delete)
    go(section)
    assert empty_bridge.commanded[0].what == RemoveRule(ON_CALL.id)
    empty_bridge.confirm_next(None)
    answer(empty_bridge, LoadSetup, replace(SETUP, rules=SETUP.rules[1:]))
    assert said(section.rules) == "On call was removed."


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (WAITING, f"{HUNG} Tried again at"),
        (FAILED, "550 no such user. 1 attempt."),
        (SENT, "by station Hall A, 1 attempt."),
        (delivery(7, DeliveryState.WAITING, attempts=0), "Waits for a station to send it."),
        (delivery(8, DeliveryState.SENDING), "A station is sending it"),
    ],
)
def test_what_became_of_a_message_is_told_in_full(section, empty_bridge, message, words):
    section.show_tab("Messages")
    section.messages.show_queue(replace(QUEUE, deliveries=(message,)))
    assert words in section.messages.findChild(QLabel, "messages-detail").text()


def test_failed_messages_are_tried_again_one_or_all(section, empty_bridge):
    section.messages.table.selectRow(1)
    press(section, section.messages, Qt.Key.Key_R)
    press(section, section.messages, Qt.Key.Key_A)
    assert [one.what for one in empty_bridge.commanded] == [RetryDeliveries((FAILED.id,))] * 2
    empty_bridge.confirm_next(1)
    assert said(section.messages) == "1 message is tried again now."


def test_only_what_waits_can_be_cancelled(section, empty_bridge):
    for row in range(3):
        section.messages.table.selectRow(row)
        press(section, section.messages, Qt.Key.Key_Delete)
    assert [one.what for one in empty_bridge.commanded] == [CancelDeliveries((WAITING.id,))]


def test_the_filter_asks_for_one_kind_of_messages(section, empty_bridge):
    section.messages.findChild(QComboBox, "messages-filter").setCurrentText("Failed")
    assert empty_bridge.asked[-1].what == LoadQueue((DeliveryState.FAILED,))


def test_that_nobody_is_told_stands_above_every_tab_until_it_is_over(section, empty_bridge):
    label = section.findChild(QLabel, "notifications-trouble")
    assert not label.isVisible()
    section.refresh()
    answer(empty_bridge, LoadQueue, TROUBLED)
    assert "Nobody has been told by “Plant mail” since" in label.text()
    assert HUNG in label.text()
    section.refresh()
    answer(empty_bridge, LoadQueue, QUEUE)
    assert not label.isVisible()


def test_news_are_read_while_the_section_is_seen_and_not_before(settings, section, empty_bridge):
    empty_bridge.asked.clear()
    settings.hide()
    empty_bridge.notifications_changed.emit()
    assert empty_bridge.asked == []
    settings.show()
    empty_bridge.asked.clear()
    empty_bridge.notifications_changed.emit()
    assert [type(one.what) for one in empty_bridge.asked] == [LoadSetup, LoadQueue]


class FakeTest(QObject):
    """Stands in for LocalTest."""

    stepped = Signal(object)
    ended = Signal(object)
    made: list["FakeTest"] = []  # noqa: RUF012 - what the test looks at

    def __init__(self, channel, secret, address, time_zone, parent=None):
        super().__init__(parent)
        self.facts = (channel.name, secret, address, time_zone)
        self.is_stopped = False
        self.made.append(self)

    def start(self):
        pass

    def stop(self):
        self.is_stopped = True


@pytest.fixture
def tested(section, empty_bridge):
    """Open the test dialog: `tested(channel, secret, is_stored=True)`."""
    FakeTest.made.clear()

    def make(channel, secret=None, *, is_stored=True):
        dialog = TestDialog(
            channel,
            secret,
            empty_bridge,
            section.theme_source,
            section,
            is_stored=is_stored,
            make_test=FakeTest,
        )
        dialog.open()
        return dialog

    return make


def sentence(dialog):
    return dialog.findChild(QLabel, "notification-test-said").text()


def test_a_test_from_here_uses_the_stored_secret_and_tells_each_step(section, tested, empty_bridge):
    dialog = tested(MAIL)
    dialog.findChild(QComboBox, "notification-test-from").setCurrentIndex(0)
    go(section)
    assert empty_bridge.asked[-1].what == OpenSecret(MAIL.id)
    empty_bridge.asked.pop().on_done("Zange-7-Huf")
    (test,) = FakeTest.made
    assert test.facts == ("Plant mail", "Zange-7-Huf", "eva@example.org", "UTC")
    for step in STEPS:
        test.stepped.emit(step)
    assert dialog.steps[1] == "✓  Connected: 127.0.0.1, port 587  (0.02 s)"
    test.ended.emit(Attempt(Outcome.RETRY, STEPS, HUNG))
    assert sentence(dialog) == HUNG
    assert not dialog.is_busy


def test_a_secret_that_does_not_open_here_is_said(section, tested, empty_bridge):
    dialog = tested(MAIL)
    dialog.findChild(QComboBox, "notification-test-from").setCurrentIndex(0)
    go(section)
    empty_bridge.asked.pop().on_failed("This workstation does not hold the key.")
    assert sentence(dialog).endswith("This workstation does not hold the key.")


def test_what_is_typed_is_tested_before_it_is_saved(section, tested, empty_bridge):
    dialog = tested(MAIL, "typed", is_stored=False)
    assert dialog.findChild(QComboBox, "notification-test-from").count() == 1
    go(section)
    assert FakeTest.made[0].facts[1] == "typed"
    QTest.keyClick(dialog, Qt.Key.Key_Escape)
    assert FakeTest.made[0].is_stopped


def test_a_test_through_a_station_is_followed_to_its_end(section, tested, empty_bridge):
    dialog = tested(MAIL)
    go(section)
    assert empty_bridge.commanded[0].what == RequestTest(MAIL.id, "eva@example.org")
    empty_bridge.confirm_next(DeliveryId(40))
    dialog._ask_station()
    assert empty_bridge.asked[-1].what == LoadDelivery(DeliveryId(40))
    empty_bridge.asked.pop().on_done(delivery(40, DeliveryState.SENDING))
    assert dialog.is_busy
    dialog._ask_station()
    empty_bridge.asked.pop().on_done(delivery(40, is_test=True, steps=STEPS[:2]))
    assert len(dialog.steps) == 2
    assert sentence(dialog).endswith("It was sent by station Hall A.")


def test_a_test_that_no_station_takes_says_so_in_time(section, tested, empty_bridge):
    dialog = tested(MAIL)
    go(section)
    empty_bridge.confirm_next(DeliveryId(40))
    waiting = delivery(40, DeliveryState.WAITING, attempts=0)
    for _ in range(20):
        dialog._ask_station()
        empty_bridge.asked.pop().on_done(waiting)
    assert "is one running" in sentence(dialog)
    for _ in range(160):
        dialog._ask_station()
        empty_bridge.asked.pop().on_done(waiting)
    assert sentence(dialog).startswith("No station has sent it so far")
    assert not dialog.is_busy


def test_a_webhook_needs_no_recipient_for_a_test(section, tested, empty_bridge):
    dialog = tested(HOOK)
    assert not dialog.findChild(QLineEdit, "notification-test-address")
    go(section)
    assert empty_bridge.commanded[0].what == RequestTest(HOOK.id, "")


def test_tests_are_opened_from_list_and_form(section):
    section.channels.table.selectRow(1)
    press(section, section.channels, Qt.Key.Key_T)
    assert form(section).objectName() == "notification-test"
    form(section).reject()
    next_turn()
    press(section, section.channels, Qt.Key.Key_E)
    form(section).findChild(QPushButton, "mail-test").click()
    assert QApplication.activeModalWidget().objectName() == "notification-test"
