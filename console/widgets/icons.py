"""Icons as a font (Material Design Icons through qtawesome): sharp at every scale, coloured by the theme."""

import qtawesome
from PySide6.QtGui import QIcon

from console.widgets.theme import Theme


def icon(name: str, theme: Theme) -> QIcon:
    """Return an icon in the theme's colours; ask again when the theme changes.

    Args:
        name: A qtawesome name such as "mdi6.chart-line".
        theme: Gives the colours of the normal, active, selected and disabled states.

    Raises:
        Exception: qtawesome knows no icon of that name: our mistake, seen by any test that shows the widget.
    """
    return qtawesome.icon(
        name,
        color=theme.muted.name(),
        color_active=theme.text.name(),
        color_selected=theme.selection_text.name(),
        color_on=theme.text.name(),
        color_disabled=theme.stale.name(),
    )
