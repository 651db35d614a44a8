"""Reads the tags of a form over and over while somebody looks at them, through the station, politely.

One question at a time; after an answer a rest, after a failure a longer one. Nothing is asked while nobody
looks, or while what is typed cannot be read.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.bridge import Bridge
from console.bridge.device_tools import DeviceQuestion
from drivers.questions import MOST_TAGS, PREVIEW, PreviewSubject, PreviewTag, PreviewValue
from models.records.device import Device

REST_MS = 1_500
AFTER_FAILURE_MS = 8_000
_SETTLE_MS = 350


@dataclass(frozen=True, slots=True)
class PreviewPlan:
    """What to read.

    Attributes:
        device: As it stands in the form.
        hardware_id: Of the stored device that it is, for its sealed secrets; empty for a new one.
        addresses: Those that can be read.
    """

    device: Device
    hardware_id: str
    addresses: tuple[str, ...]


class LivePreview(QObject):
    """Belongs to the window's thread.

    Attributes:
        read: What came, in the order asked (sequence of PreviewValue).
        failed: Why nothing did; one sentence.
    """

    read = Signal(object)
    failed = Signal(str)

    def __init__(
        self, bridge: Bridge, plan: Callable[[], PreviewPlan | None], parent: QObject | None = None
    ) -> None:
        """Store the way to the station, and what says what to read now; None: nothing."""
        super().__init__(parent)
        self._bridge = bridge
        self._plan = plan
        self._question: DeviceQuestion | None = None
        self._is_on = False
        self._again = QTimer(self, singleShot=True)
        self._again.timeout.connect(self._ask)

    @property
    def is_on(self) -> bool:
        """Whether it reads."""
        return self._is_on

    def set_on(self, *, is_on: bool) -> None:
        """Begin to read, or rest."""
        if is_on == self._is_on:
            return
        self._is_on = is_on
        if is_on:
            self._again.start(_SETTLE_MS)
        else:
            self._again.stop()
            self._drop()

    def touch(self) -> None:
        """Read anew soon: something else is typed."""
        if self._is_on:
            self._drop()
            self._again.start(_SETTLE_MS)

    def _drop(self) -> None:
        if self._question is not None:
            self._question.stop()
            self._question = None

    def _ask(self) -> None:
        plan = self._plan() if self._is_on else None
        if plan is None or not plan.addresses:
            return
        tags = tuple(PreviewTag(address) for address in plan.addresses[:MOST_TAGS])
        self._question = self._bridge.device_tools.ask(
            PREVIEW,
            plan.device.driver,
            plan.device.connection,
            PreviewSubject(tags),
            on_done=self._take,
            on_failed=self._fail,
            owner=self,
            hardware_id=plan.hardware_id,
            is_repeated=True,
        )

    def _take(self, values: Sequence[PreviewValue]) -> None:
        self._question = None
        self.read.emit(values)
        if self._is_on:
            self._again.start(REST_MS)

    def _fail(self, sentence: str) -> None:
        self._question = None
        self.failed.emit(sentence)
        if self._is_on:
            self._again.start(AFTER_FAILURE_MS)
