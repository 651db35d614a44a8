"""Settings: a list of sections, of which a person sees those that they may use."""

import time
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from PySide6.QtWidgets import QVBoxLayout

from console.bridge.bridge import Bridge
from console.panels.panel import Navigate, Panel
from console.panels.settings.section import Section, Surroundings
from console.panels.settings.sections import SECTIONS
from console.widgets.flash import FlashClock
from console.widgets.section_list import SectionList
from console.widgets.theme import ThemeSource


class SettingsPanel(Panel):
    """What is not about the plant itself: people, the audit trail, one's own account, the look."""

    key: ClassVar[str] = "settings"
    title: ClassVar[str] = "Settings"
    icon: ClassVar[str] = "mdi6.cog-outline"
    # Exports write files without a command that the lock could refuse, and names are nobody's in passing.
    stays_when_locked: ClassVar[bool] = False

    def __init__(
        self,
        bridge: Bridge,
        theme_source: ThemeSource,
        navigate: Navigate,
        *,
        flash: FlashClock | None = None,
        now: Callable[[], float] = time.time,
        sections: Sequence[type[Section]] = SECTIONS,
    ) -> None:
        """Store what is needed; `sections` in the order of the list."""
        super().__init__(bridge, theme_source, navigate, flash=flash, now=now)
        self._kinds = tuple(sections)
        self._around = Surroundings(bridge, theme_source, self.now)
        self._built: dict[str, Section] = {}
        self._pages = SectionList("settings-sections", "Sections of the settings", theme_source)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._pages)
        self._settle()
        self._pages.chosen.connect(self._refresh)
        self._pages.entered.connect(self._enter)
        # Also where the database comes back to a session that was for looking only.
        bridge.session.changed.connect(self._settle)
        bridge.person_changed.connect(self._refresh)
        bridge.people_changed.connect(self._refresh)

    @property
    def section_keys(self) -> list[str]:
        """The sections that this person sees, top to bottom."""
        return self._pages.keys

    @property
    def current_section(self) -> Section | None:
        """The section that is shown."""
        return self._built.get(self._pages.current)

    def show_section(self, key: str) -> None:
        """Show a section; nothing where this person has none of that name."""
        self._pages.choose(key)

    def parts(self) -> Sequence[str]:
        """Return the keys of the sections."""
        return self.section_keys

    def show_part(self, part: str) -> None:
        """Show a section."""
        self.show_section(part)

    def is_populated(self) -> bool:
        """Ask the section that is shown."""
        section = self.current_section
        return section is not None and section.is_populated()

    def on_shown(self) -> None:
        """Bring the section up to date, with the keyboard on the list of sections."""
        self._settle()
        self._refresh()
        self._pages.focus_list()

    def on_second(self) -> None:
        """Ages tick."""
        section = self.current_section
        if section is not None:
            section.on_second()

    def _settle(self) -> None:
        """Add the sections that this person may use, and take away the others."""
        place = 0
        for kind in self._kinds:
            may_use = kind.needs is None or self.bridge.may(kind.needs)
            if may_use and kind.key not in self.section_keys:
                self._pages.insert(place, kind.key, kind.title, kind.icon, partial(self._build, kind))
            elif not may_use and kind.key in self.section_keys:
                self._built.pop(kind.key, None)
                self._pages.remove(kind.key)
            place += may_use

    def _build(self, kind: type[Section]) -> Section:
        section = self._built[kind.key] = kind(self._around)
        return section

    def _enter(self) -> None:
        section = self.current_section
        if section is not None:
            section.focus_first()

    def _refresh(self) -> None:
        section = self.current_section
        if section is not None and self.isVisible():
            section.refresh()
