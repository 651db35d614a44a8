"""The few lines of QSS that a palette cannot say: borders that can be seen on dark grey, spacing, focus.

Kept small on purpose: style sheets slow painting, and swallow the row colours of tables whose items they
style. Combo boxes open a list below themselves (combobox-popup): the other kind cuts its last line in half.
"""

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from string import Template

_SHEET = Template("""
QToolTip { background: $raised; color: $text; border: 1px solid $outline; padding: 4px 6px; }
QPushButton, QToolButton[isButton="true"] {
    background: $raised; color: $text; border: 1px solid $outline; border-radius: 3px;
    padding: 4px 12px; min-height: 20px; }
QPushButton:hover, QToolButton[isButton="true"]:hover { border-color: $text; }
QPushButton:pressed, QPushButton:checked { background: $selection; color: $selection_text; }
QPushButton:disabled { color: $outline; border-color: $line; background: $background; }
QPushButton:focus { border: 2px solid $focus; padding: 3px 11px; }
QPushButton:default { font-weight: 600; }
QLineEdit, QPlainTextEdit {
    background: $surface; color: $text; border: 1px solid $outline; border-radius: 3px; padding: 3px 6px;
    selection-background-color: $selection; selection-color: $selection_text; }
QLineEdit { min-height: 20px; }
QLineEdit:focus, QPlainTextEdit:focus { border: 2px solid $focus; padding: 2px 5px; }
QLineEdit[isWrong="true"] { border: 2px solid $text; padding: 2px 5px; }
QComboBox[isWrong="true"] { border: 2px solid $text; padding: 2px 5px; }
QHeaderView { background: $raised; }
QHeaderView::section {
    background: $raised; color: $muted; border: 0; border-right: 1px solid $line;
    border-bottom: 1px solid $line; padding: 4px 3px; font-weight: 600; }
QTableView { border: 1px solid $line; gridline-color: $line; }
QTreeView { border: 1px solid $line; }
QTableView:focus, QTreeView:focus { border: 1px solid $focus; }
QComboBox {
    background: $raised; color: $text; border: 1px solid $outline; border-radius: 3px;
    padding: 3px 6px; min-height: 20px; combobox-popup: 0; }
QComboBox:focus { border: 2px solid $focus; padding: 2px 5px; }
QComboBox:disabled { color: $outline; border-color: $line; background: $background; }
QComboBox[isReadOnly="true"]:disabled { color: $text; }
QComboBox QLineEdit[isReadOnly="true"]:disabled { color: $text; }
QCheckBox[isReadOnly="true"]:disabled { color: $text; }
QComboBox::drop-down { border: 0; width: 20px; }
QComboBox::down-arrow { image: url("$icons/down-$name.svg"); width: 10px; height: 10px; }
QComboBox QAbstractItemView {
    background: $raised; color: $text; border: 1px solid $outline;
    selection-background-color: $selection; selection-color: $selection_text; }
QComboBox QAbstractItemView::item { min-height: 22px; }
QAbstractSpinBox {
    background: $surface; color: $text; border: 1px solid $outline; border-radius: 3px;
    padding: 3px 6px; min-height: 20px;
    selection-background-color: $selection; selection-color: $selection_text; }
QAbstractSpinBox:focus { border: 2px solid $focus; padding: 2px 5px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { border: 0; width: 18px; }
QAbstractSpinBox::up-arrow { image: url("$icons/up-$name.svg"); width: 9px; height: 9px; }
QAbstractSpinBox::down-arrow { image: url("$icons/down-$name.svg"); width: 9px; height: 9px; }
QCheckBox { spacing: 6px; }
QCheckBox::indicator, QListView::indicator, QTableView::indicator {
    width: 14px; height: 14px; border: 1px solid $outline; border-radius: 2px; background: $surface; }
QCheckBox::indicator:checked, QListView::indicator:checked, QTableView::indicator:checked {
    image: url("$icons/check-$name.svg"); }
QCheckBox::indicator:focus { border: 2px solid $focus; width: 12px; height: 12px; }
QRadioButton { spacing: 8px; }
QRadioButton::indicator {
    width: 14px; height: 14px; border: 1px solid $outline; border-radius: 8px; background: $surface; }
QRadioButton::indicator:checked {
    background: qradialgradient(cx: 0.5, cy: 0.5, radius: 0.5, fx: 0.5, fy: 0.5,
        stop: 0 $text, stop: 0.55 $text, stop: 0.65 $surface, stop: 1 $surface); }
QRadioButton::indicator:focus { border: 2px solid $focus; width: 12px; height: 12px; }
QListWidget[isSections="true"] {
    background: $surface; border: 0; border-right: 1px solid $line; outline: 0; padding-top: 4px; }
QListWidget[isSections="true"]::item { border-left: 4px solid transparent; padding-left: 8px; color: $text; }
QListWidget[isSections="true"]::item:hover { background: $raised; }
QListWidget[isSections="true"]::item:selected { background: $background; border-left-color: $text; }
QListWidget[isSections="true"]::item:selected:focus { background: $selection; color: $selection_text; }
QProgressBar {
    background: $equipment_soft; border: 1px solid $outline; border-radius: 3px; max-height: 10px; }
QProgressBar::chunk { background: $equipment; border-radius: 2px; }
QMenu { background: $raised; color: $text; border: 1px solid $outline; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 12px; }
QMenu::item:selected { background: $selection; color: $selection_text; }
QMenu::item:disabled { color: $outline; background: transparent; }
QScrollBar:vertical { background: $background; width: 12px; margin: 0; }
QScrollBar:horizontal { background: $background; height: 12px; margin: 0; }
QScrollBar::handle { background: $stale; border-radius: 4px; margin: 2px; }
QScrollBar::handle:vertical { min-height: 32px; }
QScrollBar::handle:horizontal { min-width: 32px; }
QScrollBar::handle:hover { background: $outline; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
""")


def style_sheet(name: str, colours: Mapping[str, str]) -> str:
    """Return the style sheet of a theme.

    Args:
        name: "light" or "dark": which arrows and ticks to use.
        colours: `#RRGGBB` by role.
    """
    # Qt reads pictures of style sheets from files only; forward slashes work on Windows too.
    icons = Path(str(files("resources") / "icons")).as_posix()
    return _SHEET.substitute(colours, name=name, icons=icons)
