"""Keeps the theme that a person chose from run to run."""

from PySide6.QtCore import QObject, QSettings

from console.widgets.theme import ThemeSource

_CHOSEN = "window/theme"
_INSTEAD_OF = "window/theme-instead-of"
_KNOWN = ("light", "dark", "system")


class ThemeMemory(QObject):
    """Puts the remembered theme on, and remembers every other that is chosen."""

    def __init__(
        self,
        theme_source: ThemeSource,
        memory: QSettings | None,
        configured: str,
        parent: QObject | None = None,
    ) -> None:
        """Choose a theme at once.

        Args:
            theme_source: Gets the theme.
            memory: Where the choice is kept; None = nowhere.
            configured: What settings file or environment ask for: used where nothing was chosen, and where
                it is not the same any more as when something else was chosen instead of it.
            parent: Owner.
        """
        super().__init__(parent or theme_source)
        self._themes = theme_source
        self._memory = memory
        self._configured = configured
        theme_source.choose(self._remembered() or configured)
        theme_source.changed.connect(self._keep)

    def _remembered(self) -> str:
        if self._memory is None or self._memory.value(_INSTEAD_OF) != self._configured:
            return ""
        chosen = self._memory.value(_CHOSEN)
        return chosen if isinstance(chosen, str) and chosen in _KNOWN else ""

    def _keep(self) -> None:
        if self._memory is not None:
            self._memory.setValue(_CHOSEN, self._themes.setting)
            self._memory.setValue(_INSTEAD_OF, self._configured)
