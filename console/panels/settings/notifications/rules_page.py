"""The tab of rules: who is told of which alerts."""

from collections.abc import Callable
from typing import ClassVar

from console.bridge.notification_commands import RemoveRule, SaveRule
from console.panels.settings.notifications.list_page import Deed, Empty
from console.panels.settings.notifications.questions import Setup
from console.panels.settings.notifications.rule_dialog import RuleDialog
from console.panels.settings.notifications.setup_page import SetupPage
from console.panels.settings.notifications.table_model import WordsModel
from console.panels.settings.notifications.words import (
    missing_shifts,
    recipients_text,
    severities_text,
    when_text,
    where_text,
)
from console.panels.settings.section import Surroundings
from console.panels.wording import count_text
from models.records.notification import Rule

_HEADINGS = ("Name", "Alerts", "Told", "By", "When", "Where", "State")
_WIDTHS = (116, 112, 130, 92, 140, 110, 70)
_EMPTY = Empty(
    "mdi6.account-voice",
    "No rules yet",
    "A rule says which alerts somebody is told of, by which channel, and when. Channels come first.",
    "Add rule…",
)


class RulesPage(SetupPage[Rule]):
    """Everything that can be done with rules."""

    name: ClassVar[str] = "rules"

    def __init__(self, around: Surroundings, reload: Callable[[Setup], None]) -> None:
        """Store what is needed; `reload` hears of everything that was read anew."""
        self._setup = Setup((), (), ())
        model = WordsModel[Rule](_HEADINGS, lambda rule: rule.id, self._words, None)
        super().__init__(self.name, "Rules", model, _WIDTHS, _EMPTY, around, reload)
        self.add_deeds(
            Deed("edit", "Edit…", "E", self.edit),
            Deed("remove", "Remove…", "Del", self.remove),
            Deed("add", "Add rule…", "N", self.add, needs_row=False),
        )
        self.empty_acted.connect(self.add)

    def show_setup(self, setup: Setup, keep: int | None = None) -> None:
        """Show another state."""
        self._setup = setup
        self.show_rows(setup.rules, keep)
        self.model.repaint_all()
        shifts = self._shift_names
        stale = [rule.name for rule in setup.rules if missing_shifts(rule, shifts)]
        text = count_text(len(setup.rules), "rule")
        self.summary.setText(f"{text}; shifts are gone in: {', '.join(stale)}" if stale else text)

    def add(self) -> None:
        """Open the form of a new rule."""
        if self._setup.channels:
            self._open(None)
        else:
            self.say("Add a channel first: the mail server or webhook by which people are told.")

    def edit(self) -> None:
        """Open the form of the rule chosen."""
        if self.chosen is not None:
            self._open(self.chosen)

    def remove(self) -> None:
        """Ask whether the rule chosen shall go."""
        rule = self.chosen
        if rule is None or self._dialog is not None:
            return
        self._ask_removal(
            "rule-remove",
            f"“{rule.name}” will tell nobody any more.",
            "What it had ready to send is still sent.",
            RemoveRule(rule.id),
            f"{rule.name} was removed.",
        )

    @property
    def _shift_names(self) -> tuple[str, ...]:
        return tuple(shift.name for shift in self._bridge.alarm_settings.shifts)

    def _open(self, rule: Rule | None) -> None:
        if self._dialog is not None:
            return
        dialog = RuleDialog(
            rule,
            self._setup.channels,
            self._setup.persons,
            self._shift_names,
            self._bridge.catalogue.devices,
            self.theme_source,
            self,
        )
        dialog.submitted.connect(lambda: self._save(dialog))
        self._show(dialog)

    def _save(self, dialog: RuleDialog) -> None:
        rule = dialog.rule()
        dialog.set_busy("Saving…")
        self._bridge.command(
            SaveRule(rule), lambda id: self._confirm(dialog, f"Saved: {rule.name}.", id), dialog.refuse, self
        )

    def _words(self, rule: Rule) -> tuple[str, ...]:
        channels = {channel.id: channel for channel in self._setup.channels}
        names = {person.id: person.name for person in self._setup.persons}
        devices = {device.id: device.name for device in self._bridge.catalogue.devices}
        channel = channels.get(rule.channel)
        return (
            rule.name,
            severities_text(rule),
            recipients_text(rule, channels, names),
            channel.name if channel is not None else "",
            when_text(rule),
            where_text(rule, devices),
            "Counts" if rule.enabled else "Off",
        )
