"""Colours by role, in a light and a dark set, and how the program puts one on.

A quiet grey plant in the sense of ISA-101: colour is kept for what is not normal. Nobody outside this file
names a colour; everything asks a `Theme` for a role. The theme in use travels through constructors as a
`ThemeSource`, so that a test or a picture can show any widget in any theme.
"""

from dataclasses import dataclass, fields

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication, QStyleFactory

from console.widgets.fonts import load_fonts, text_font
from console.widgets.style_sheet import style_sheet
from models.records.threshold import Severity


@dataclass(frozen=True, slots=True, eq=False)
class Theme:
    """Every colour role. The QColor objects are shared: copy one before changing it.

    Attributes:
        background: Behind everything.
        surface: Tiles, plots, tables: one step off the background.
        raised: Buttons, headers, pop-ups: two steps off.
        line: Borders and separators that need not be read.
        outline: Borders that must be seen (3:1): fields, check boxes, shapes.
        grid: Lines behind curves.
        text: Words. `muted`: units, captions, ages; still 4.5:1.
        value: A live value, and nothing else.
        equipment: Normal equipment, bars, lamps. `equipment_soft`: its empty part.
        normal_band: Where a value belongs. `limit`: the lines that bound it.
        stale: Hatching over bad or stale values.
        focus: Keyboard focus. `selection` with `selection_text`: the selected row.
        critical, warning, info: Alarm shapes, and nothing else. `on_…`: their digit.
        shelved: The diamond of a shelved alert. `on_shelved`: its letter.
        alarm_outline: Round every alarm shape, so that yellow is seen on light grey too.
        pens: Eight curves. Apart by OKLab ≥ 0.09 in normal sight and under protanopia and deuteranopia
            (Machado et al. 2009), none near an alarm colour, each ≥ 3:1 on `surface`.
    """

    name: str
    is_dark: bool
    background: QColor
    surface: QColor
    raised: QColor
    line: QColor
    outline: QColor
    grid: QColor
    text: QColor
    muted: QColor
    value: QColor
    equipment: QColor
    equipment_soft: QColor
    normal_band: QColor
    limit: QColor
    stale: QColor
    focus: QColor
    selection: QColor
    selection_text: QColor
    critical: QColor
    on_critical: QColor
    warning: QColor
    on_warning: QColor
    info: QColor
    on_info: QColor
    shelved: QColor
    on_shelved: QColor
    alarm_outline: QColor
    pens: tuple[QColor, ...]

    def severity(self, severity: Severity) -> QColor:
        """Return the colour of an alarm shape."""
        if severity is Severity.CRITICAL:
            return self.critical
        return self.warning if severity is Severity.WARNING else self.info

    def on_severity(self, severity: Severity) -> QColor:
        """Return the colour of the digit inside an alarm shape."""
        if severity is Severity.CRITICAL:
            return self.on_critical
        return self.on_warning if severity is Severity.WARNING else self.on_info

    def pen(self, index: int) -> QColor:
        """Return the colour of curve `index`; beyond eight the colours come round again."""
        return self.pens[index % len(self.pens)]

    def hex_of(self) -> dict[str, str]:
        """Return every single colour as `#RRGGBB` by role, for style sheets."""
        values = {field.name: getattr(self, field.name) for field in fields(self)}
        return {role: value.name() for role, value in values.items() if isinstance(value, QColor)}


LIGHT = Theme(
    name="light",
    is_dark=False,
    background=QColor("#DCDCDC"),
    surface=QColor("#E8E8E8"),
    raised=QColor("#F2F2F2"),
    line=QColor("#B9BCC1"),
    outline=QColor("#6B7280"),
    grid=QColor("#D3D5D8"),
    text=QColor("#1F2937"),
    muted=QColor("#4B5563"),
    value=QColor("#1E3A8A"),
    equipment=QColor("#6B7280"),
    equipment_soft=QColor("#CFD2D6"),
    normal_band=QColor("#AEB5BE"),
    limit=QColor("#4B5563"),
    stale=QColor("#8A9099"),
    focus=QColor("#1E3A8A"),
    selection=QColor("#BCC8DE"),
    selection_text=QColor("#111827"),
    critical=QColor("#C81E1E"),
    on_critical=QColor("#FFFFFF"),
    warning=QColor("#C2410C"),
    on_warning=QColor("#FFFFFF"),
    info=QColor("#F2C200"),
    on_info=QColor("#000000"),
    shelved=QColor("#F2F2F2"),
    on_shelved=QColor("#1F2937"),
    alarm_outline=QColor("#1F2937"),
    pens=tuple(
        QColor(code)
        for code in (
            "#0441FE",
            "#62832C",
            "#9025AF",
            "#02919E",
            "#050E21",
            "#592B1C",
            "#1C167E",
            "#635A62",
        )
    ),
)

DARK = Theme(
    name="dark",
    is_dark=True,
    background=QColor("#2B2F33"),
    surface=QColor("#33383D"),
    raised=QColor("#3E444A"),
    line=QColor("#51585F"),
    outline=QColor("#98A0AA"),
    grid=QColor("#40464C"),
    text=QColor("#E5E7EB"),
    muted=QColor("#B6BCC5"),
    value=QColor("#A5C8FF"),
    equipment=QColor("#9AA2AD"),
    equipment_soft=QColor("#484F56"),
    normal_band=QColor("#6A737D"),
    limit=QColor("#B6BCC5"),
    stale=QColor("#8B939D"),
    focus=QColor("#A5C8FF"),
    selection=QColor("#46597A"),
    selection_text=QColor("#F3F4F6"),
    critical=QColor("#FF4D4D"),
    on_critical=QColor("#000000"),
    warning=QColor("#FF9F1C"),
    on_warning=QColor("#000000"),
    info=QColor("#FFD60A"),
    on_info=QColor("#000000"),
    shelved=QColor("#D1D5DB"),
    on_shelved=QColor("#14171A"),
    alarm_outline=QColor("#14171A"),
    pens=tuple(
        QColor(code)
        for code in (
            "#38B2FF",
            "#94DA3F",
            "#FF6FD7",
            "#489DA1",
            "#F3F4F6",
            "#9C895B",
            "#896DFF",
            "#83B58F",
        )
    ),
)


class ThemeSource(QObject):
    """Tells every widget which theme is in use. One is made at the top and handed down.

    Attributes:
        changed: Emitted after `theme` changed; widgets repaint.
    """

    changed = Signal()

    def __init__(self, theme: Theme = LIGHT, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._follows_system = False

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme

    @property
    def setting(self) -> str:
        """What was chosen, as `choose` takes it: "light", "dark" or "system"."""
        return "system" if self._follows_system else self._theme.name

    def use(self, theme: Theme) -> None:
        """Put `theme` on the running application, tell everybody, and stop following the system."""
        self._follows_system = False
        self._put_on(theme)

    def follow_system(self) -> None:
        """Use what the desktop prefers, now and whenever that changes; light where it does not say."""
        hints = QGuiApplication.styleHints()
        if not self._follows_system:
            self._follows_system = True
            hints.colorSchemeChanged.connect(self._system_changed, Qt.ConnectionType.UniqueConnection)
        self._system_changed()

    def choose(self, setting: str) -> None:
        """Apply a setting: "light", "dark" or "system"."""
        if setting == "system":
            self.follow_system()
        else:
            self.use(DARK if setting == "dark" else LIGHT)

    def toggle(self) -> None:
        """Change between light and dark."""
        self.use(LIGHT if self._theme.is_dark else DARK)

    def _system_changed(self) -> None:
        if self._follows_system:
            is_dark = QGuiApplication.styleHints().colorScheme() is Qt.ColorScheme.Dark
            self._put_on(DARK if is_dark else LIGHT)

    def _put_on(self, theme: Theme) -> None:
        app = QApplication.instance()
        if isinstance(app, QApplication):
            apply_theme(app, theme)
        self._theme = theme
        self.changed.emit()


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Give the whole application Fusion's shapes, this theme's colours and the console's typeface.

    Own palettes instead of `setColorScheme`, which does nothing on plain X11. Safe to call again at any time.
    """
    load_fonts()
    if not app.styleSheet():  # Afterwards Qt wraps the style, its name is empty, and it is Fusion already.
        app.setStyle(QStyleFactory.create("Fusion"))
    app.setFont(text_font())
    app.setPalette(palette_of(theme))
    app.setStyleSheet(style_sheet(theme.name, theme.hex_of()))


def palette_of(theme: Theme) -> QPalette:
    """Return Qt's palette for a theme, all groups filled, so that no widget falls back to the desktop's."""
    role = QPalette.ColorRole
    palette = QPalette()
    for key, colour in (
        (role.Window, theme.background),
        (role.WindowText, theme.text),
        (role.Base, theme.surface),
        (role.AlternateBase, theme.background),
        (role.Text, theme.text),
        (role.PlaceholderText, theme.muted),
        (role.Button, theme.raised),
        (role.ButtonText, theme.text),
        (role.BrightText, theme.text),
        (role.ToolTipBase, theme.raised),
        (role.ToolTipText, theme.text),
        (role.Highlight, theme.selection),
        (role.HighlightedText, theme.selection_text),
        (role.Accent, theme.focus),
        (role.Link, theme.value),
        (role.LinkVisited, theme.value),
        (role.Light, theme.raised),
        (role.Midlight, theme.surface),
        (role.Mid, theme.line),
        (role.Dark, theme.outline),
        (role.Shadow, theme.outline),
    ):
        palette.setColor(key, colour)
    disabled = QPalette.ColorGroup.Disabled
    for key in (role.WindowText, role.Text, role.ButtonText, role.HighlightedText):
        palette.setColor(disabled, key, theme.outline)
    return palette
