"""Sound: how loud the horn of this workstation is, what the person here hears, and a test of each sound."""

from typing import ClassVar

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QPushButton, QRadioButton, QSlider

from console.bridge.sound_desk import LEAST_VOLUME, Loudness
from console.bridge.sound_files import Sound
from console.panels.settings.page_parts import Advice, add_explained, heading, page_layout, page_title
from console.panels.settings.section import Section, Surroundings
from console.widgets.confirm import Confirm

_CHOICES = (
    (Loudness.ALL, "All soun&ds", "Critical and warning alerts. Info alerts never sound."),
    (Loudness.CRITICAL, "C&ritical alerts only", "Warnings flash, and make no sound here."),
    (Loudness.NONE, "N&o sound", "For a desk outside the control room."),
)
_TESTS = (
    (Sound.CRITICAL, "Test &critical"),
    (Sound.WARNING, "Test &warning"),
    (Sound.FLOOD, "Test &flood"),
)
_OFF = (
    "No alert will be heard at this workstation while you are signed in, not even a critical one. "
    "The status bar will say so on every screen; whoever signs in next hears everything again."
)


class SoundSection(Section):
    """What is chosen here holds at this workstation: the volume for everybody, the choice for this person."""

    key: ClassVar[str] = "sound"
    title: ClassVar[str] = "Sound"
    icon: ClassVar[str] = "mdi6.bullhorn-outline"

    def __init__(self, around: Surroundings) -> None:
        super().__init__(around)
        self._desk = self.bridge.sounds
        self._device = Advice("", self.theme_source)
        self._device.setObjectName("sound-device")
        self._volume = QSlider(Qt.Orientation.Horizontal)
        self._volume.setObjectName("sound-volume")
        self._volume.setAccessibleName("Volume of the horn, percent")
        self._volume.setRange(LEAST_VOLUME, 100)
        self._volume.setPageStep(10)
        self._volume.setFixedWidth(280)
        self._volume.valueChanged.connect(self._desk.set_volume)
        self._percent = QLabel()
        self._percent.setObjectName("sound-percent")
        self._choices: dict[Loudness, QRadioButton] = {}
        self._lay_out()
        self._desk.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Show what holds now."""
        self._device.setText(self._desk.fault or "Sounds are played by this computer's default device.")
        self._volume.blockSignals(True)
        self._volume.setValue(self._desk.volume)
        self._volume.blockSignals(False)
        self._percent.setText(f"{self._desk.volume} %")
        self._choices[self._desk.loudness].setChecked(True)

    def focus_first(self) -> None:
        """Put the keyboard on the volume."""
        self._volume.setFocus()

    def _lay_out(self) -> None:
        layout = page_layout(self)
        layout.addWidget(page_title("Sound"))
        layout.addWidget(self._device)
        layout.addSpacing(8)
        label = QLabel("&Volume, for everybody at this workstation")
        label.setBuddy(self._volume)
        layout.addWidget(label)
        volume = QHBoxLayout()
        volume.addWidget(self._volume)
        volume.addWidget(self._percent)
        volume.addStretch(1)
        layout.addLayout(volume)
        layout.addWidget(
            Advice(
                f"Never below {LEAST_VOLUME} %: a horn that nobody hears is worse than none.",
                self.theme_source,
            )
        )
        tests = QHBoxLayout()
        for sound, words in _TESTS:
            tests.addWidget(self._test_button(sound, words))
        tests.addStretch(1)
        layout.addLayout(tests)
        layout.addSpacing(8)
        layout.addWidget(heading("What you hear here"))
        group = QButtonGroup(self)
        for loudness, words, advice in _CHOICES:
            button = self._choices[loudness] = QRadioButton(words)
            button.setObjectName(f"sound-heard-{loudness.value}")
            button.setAccessibleDescription(advice)
            button.clicked.connect(lambda _=False, loudness=loudness: self._choose(loudness))
            group.addButton(button)
            add_explained(layout, button, advice, self.theme_source)
        layout.addWidget(
            Advice(
                "The horn sounds until every alert is acknowledged or you silence it (F12). Every window "
                "sounds for itself: two on one computer sound twice, and each is silenced on its own.",
                self.theme_source,
            )
        )
        layout.addStretch(1)

    def _test_button(self, sound: Sound, words: str) -> QPushButton:
        button = QPushButton(words)
        button.setObjectName(f"sound-test-{sound.value}")
        button.setAccessibleName(words.replace("&", ""))
        button.clicked.connect(lambda: self._desk.test(sound))
        return button

    def _choose(self, loudness: Loudness) -> None:
        if loudness is not Loudness.NONE or self._desk.loudness is Loudness.NONE:
            self._desk.set_loudness(loudness)
            return
        self._choices[self._desk.loudness].setChecked(True)
        question = Confirm(_OFF, "Switch the horn off for me here", parent=self)
        question.accepted.connect(lambda: self._desk.set_loudness(Loudness.NONE))
        question.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        question.open()
