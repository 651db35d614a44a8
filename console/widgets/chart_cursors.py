"""Two cursors on a chart, A and B, and which of them the keys move. Pure."""


class Cursors:
    """Moments of the cursors that are set, by name."""

    def __init__(self) -> None:
        self._moments: dict[str, float] = {}
        self._active = "A"

    def __bool__(self) -> bool:
        return bool(self._moments)

    @property
    def moments(self) -> dict[str, float]:
        """Unix seconds by name, "A" first."""
        return dict(sorted(self._moments.items()))

    def place(self, name: str, at_unix: float) -> None:
        """Set a cursor; the keys move this one now."""
        self._moments[name] = at_unix
        self._active = name

    def toggle(self, name: str, at_unix: float) -> None:
        """Take a cursor away, or set it where it was not."""
        if self._moments.pop(name, None) is None:
            self.place(name, at_unix)

    def move(self, seconds: float, since_unix: float, until_unix: float) -> None:
        """Move the cursor set last, within a range."""
        at_unix = self._moments.get(self._active)
        if at_unix is not None:
            self._moments[self._active] = min(max(at_unix + seconds, since_unix), until_unix)

    def remove(self, name: str) -> None:
        """Take a cursor away, if it is set."""
        self._moments.pop(name, None)

    def clear(self) -> None:
        """Take both away."""
        self._moments.clear()
