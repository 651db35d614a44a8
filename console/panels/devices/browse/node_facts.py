"""What is known of the chosen node, a line each."""

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLabel, QWidget

from console.widgets.plain_text import plain_label
from console.widgets.theme import ThemeSource
from drivers.workbench import BrowseNode

_ROWS = ("Address", "Value", "Type", "Range", "Description")


class NodeFacts(QWidget):
    """Empty until a node is chosen; every text can be copied."""

    def __init__(self, theme_source: ThemeSource, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("browse-facts")
        self._themes = theme_source
        self._labels: list[QLabel] = []
        self._fields: dict[str, QLabel] = {}
        layout = QFormLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setHorizontalSpacing(12)
        layout.setVerticalSpacing(4)
        for name in _ROWS:
            field = plain_label()
            field.setObjectName(f"browse-{name.casefold()}")
            field.setWordWrap(True)
            field.setTextInteractionFlags(
                Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
            )
            field.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
            label = QLabel(name)
            layout.addRow(label, field)
            self._labels.append(label)
            self._fields[name] = field
        theme_source.changed.connect(self._theme_changed)
        self._theme_changed()

    def show_node(self, node: BrowseNode | None) -> None:
        """Show a node, or nothing."""
        texts = dict.fromkeys(_ROWS, "")
        if node is not None:
            texts["Address"] = node.address or _why_none(node)
            texts["Value"] = f"{node.value} {node.unit}".strip()
            texts["Type"] = f"{node.type or node.kind}{', writable' if node.is_writable else ''}"
            if node.low is not None and node.high is not None:
                texts["Range"] = f"{node.low:g} to {node.high:g} {node.unit}".strip()
            texts["Description"] = node.description
        for name, text in texts.items():
            self._fields[name].setText(text)

    def _theme_changed(self) -> None:
        for label in self._labels:
            label.setStyleSheet(f"color: {self._themes.theme.muted.name()};")


def _why_none(node: BrowseNode) -> str:
    if not node.type:
        return "has no value of its own"
    return "is no number itself; open it for its parts" if node.has_children else "is no number"
