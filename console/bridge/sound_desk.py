"""What this workstation does with the horn's sounds: how loud, which, and whether anything can be heard.

Every window sounds for itself: two on one computer sound twice, and silencing one leaves the other sounding.
That is meant: each may belong to somebody else's desk.
"""

from enum import StrEnum

from PySide6.QtCore import QObject, QSettings, Signal

from console.bridge.sound_files import Sound
from console.bridge.sound_player import SoundPlayer, Wish

LEAST_VOLUME = 30
"""In %: nobody turns the horn down until a critical alert cannot be heard. Off is a choice of its own, which
stands on the screen for as long as it lasts."""
FIRST_VOLUME = 80
_VOLUME = "sound/volume"


class Loudness(StrEnum):
    """Which sounds one person hears at this workstation."""

    ALL = "all"
    CRITICAL = "critical"
    NONE = "none"

    @property
    def mark(self) -> str:
        """What stands in the status bar meanwhile; empty for the way it is meant to be."""
        return _MARKS[self]

    def lets_through(self, sound: Sound) -> bool:
        """Whether this sound is heard."""
        return self is Loudness.ALL or (self is Loudness.CRITICAL and sound is Sound.CRITICAL)


_MARKS = {Loudness.ALL: "", Loudness.CRITICAL: "critical only", Loudness.NONE: "off"}


class SoundDesk(QObject):
    """Belongs to the window's thread. Without a player nothing sounds, and nothing is said about it.

    Attributes:
        changed: Volume, choice or fault is another.
    """

    changed = Signal()

    def __init__(
        self,
        player: SoundPlayer | None = None,
        memory: QSettings | None = None,
        parent: QObject | None = None,
    ) -> None:
        """Store who plays, and where the choices are kept; None = nobody, nowhere."""
        super().__init__(parent)
        self._player = player
        self._memory = memory
        self._chosen: dict[int, Loudness] = {}
        self._volume = self._remembered_volume()
        self._person = 0
        self._wanted: Sound | None = None
        self._fault = ""

    @property
    def volume(self) -> int:
        """How loud, in % from LEAST_VOLUME to 100."""
        return self._volume

    @property
    def loudness(self) -> Loudness:
        """What the person at this window hears. Somebody else's choice is not theirs."""
        if self._person not in self._chosen:
            kept = self._memory.value(self._key) if self._memory is not None else None
            known = {choice.value: choice for choice in Loudness}
            self._chosen[self._person] = known.get(str(kept), Loudness.ALL)
        return self._chosen[self._person]

    @property
    def wanted(self) -> Sound | None:
        """What would be heard, had it not been chosen otherwise."""
        return self._wanted

    @property
    def fault(self) -> str:
        """Why nothing can be heard here; empty where it can, or nobody wants to hear."""
        return self._fault

    @property
    def mark(self) -> str:
        """What stands in the status bar: "no sound device", "off", "critical only"; empty if all is well."""
        if self.loudness is not Loudness.NONE and self._fault:
            return "no sound device"
        return self.loudness.mark

    def start(self) -> None:
        """Look for a device. Returns at once."""
        if self._player is not None:
            self._player.start()

    def stop(self) -> None:
        """Fall silent, and give the device back. Safe twice."""
        if self._player is not None:
            self._player.stop()

    def use_person(self, person_id: int) -> None:
        """Follow this person's choice from now on (`users.id`)."""
        self._person = person_id
        self._pass_on()
        self.changed.emit()

    def set_volume(self, percent: int) -> None:
        """Be as loud as this, for everybody at this workstation."""
        self._volume = max(LEAST_VOLUME, min(100, percent))
        self._keep(_VOLUME, self._volume)
        self._pass_on()
        self.changed.emit()

    def set_loudness(self, loudness: Loudness) -> None:
        """Let the person at this window hear this, now and whenever they come back."""
        self._chosen[self._person] = loudness
        self._keep(self._key, loudness.value)
        self._pass_on()
        self.changed.emit()

    def want(self, sound: Sound | None) -> None:
        """Sound until something else is wanted, as far as the person here wants to hear it."""
        if sound is not self._wanted:
            self._wanted = sound
            self._pass_on()

    def test(self, sound: Sound) -> None:
        """Play one burst, whatever was chosen."""
        if self._player is not None:
            self._player.play_once(Wish(sound, self._volume / 100))

    def refresh(self) -> None:
        """Ask the player how it is. Call once a second."""
        fault = self._player.fault if self._player is not None else ""
        if fault != self._fault:
            self._fault = fault
            self.changed.emit()

    @property
    def _key(self) -> str:
        return f"sound/heard-by-{self._person}"

    def _pass_on(self) -> None:
        if self._player is not None:
            sound = self._wanted
            is_heard = sound is not None and self.loudness.lets_through(sound)
            self._player.wish(Wish(sound, self._volume / 100) if sound is not None and is_heard else None)

    def _keep(self, key: str, value: object) -> None:
        if self._memory is not None:
            self._memory.setValue(key, value)

    def _remembered_volume(self) -> int:
        kept = self._memory.value(_VOLUME) if self._memory is not None else None
        text = str(kept)
        return max(LEAST_VOLUME, min(100, int(text))) if text.isdecimal() else FIRST_VOLUME
