"""What this station remembers of the sequences that devices ran, in case the database is set back.

`<data>/firmware/floors.json`: hardware id of a device → product → highest sequence that was seen running.
"""

import json
from pathlib import Path
from threading import Lock
from typing import cast

from console.whole_file import whole_file
from models.errors import NeedsSetup


class Floors:
    """The highest sequence of each device and product. Any thread."""

    def __init__(self, data_dir: Path) -> None:
        """Keep where it lies; reads nothing yet."""
        self._file = data_dir / "firmware" / "floors.json"
        self._lock = Lock()

    def of(self, device_id: str, product: str) -> int:
        """Return the highest sequence that this station saw running; 0 = none.

        Args:
            device_id: Hardware id, which outlives a database.
            product: As in manifests.

        Raises:
            NeedsSetup: What is kept cannot be read, so nobody knows what would be a way back.
        """
        with self._lock:
            return self._read().get(device_id, {}).get(product, 0)

    def saw(self, device_id: str, product: str, sequence: int) -> None:
        """Remember that a device runs a sequence; one lower than before changes nothing.

        Raises:
            NeedsSetup: It could not be kept.
        """
        with self._lock:
            known = self._read()
            of_device = known.setdefault(device_id, {})
            if sequence <= of_device.get(product, 0):
                return
            of_device[product] = sequence
            try:
                self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
                with whole_file(self._file) as part:
                    part.write_text(json.dumps(known, indent=1, sort_keys=True), encoding="utf-8")
            except OSError as error:
                raise NeedsSetup(f"{self._file} cannot be written ({error.strerror}).") from error

    def _read(self) -> dict[str, dict[str, int]]:
        try:
            known: object = json.loads(self._file.read_bytes())
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._damaged(str(error)) from error
        if not _is_sound(known):
            raise self._damaged("it holds something else")
        return cast("dict[str, dict[str, int]]", known)

    def _damaged(self, why: str) -> NeedsSetup:
        return NeedsSetup(
            f"{self._file}, which keeps devices from going back to older firmware, cannot be read ({why}); "
            "restore it, or remove it to let the database alone decide."
        )


def _is_sound(known: object) -> bool:
    return isinstance(known, dict) and all(
        isinstance(of_device, dict)
        and all(
            isinstance(sequence, int) and not isinstance(sequence, bool)
            for sequence in cast("dict[object, object]", of_device).values()
        )
        for of_device in cast("dict[object, object]", known).values()
    )
