"""What a window asks, understood and bound: its subject decoded, its settings checked, its secrets opened."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import cast

import msgspec
from pydantic import BaseModel

from console.catalogue.binding import OpenSecret, bind
from console.catalogue.errors import CatalogueFault
from console.station.workbench.errors import NotDone
from drivers.driver import DriverSpec
from drivers.questions import QUESTIONS, Asks, QuestionType
from drivers.registry import spec_of
from models.records.device import Device, DeviceId, JsonValue
from models.secret_names import Path, is_sealed, replaced
from models.secrets import NO_KEYS, target_of

ENTER_AGAIN = (
    "A stored password is used for its own device only; enter it again to ask this device before it is saved."
)
OTHER_TARGET = (
    "The stored password of {name} goes only where it was entered for; enter it again to try another "
    "address or another security."
)
NO_TOOL = "This station knows no tool called {!r}; start station and window from the same version."
UNREADABLE = "The station could not read the question ({}); start station and window from the same version."
_NOT_JSON = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(frozen=True, slots=True)
class Question:
    """What a window sent.

    Attributes:
        tool: A key of `QUESTIONS`.
        driver: `DriverSpec.kind`; may be empty where the tool needs none.
        settings, subject: JSON.
        hardware_id: Of the stored device; empty for one that is not stored.
    """

    tool: str
    driver: str
    settings: bytes
    subject: bytes
    hardware_id: str

    def __repr__(self) -> str:
        # Written out, because the generated one would carry passwords into logs and tracebacks.
        return f"Question({self.tool!r}, {self.driver!r}, {self.hardware_id!r})"

    @property
    def what(self) -> QuestionType:
        """What the tool takes and gives. Raises NotDone where there is no such tool."""
        what = QUESTIONS.get(self.tool)
        if what is None:
            raise NotDone(NO_TOOL.format(self.tool[:40]))
        return what

    @property
    def is_write(self) -> bool:
        """Whether it changes what a device holds; False for a tool that there is not."""
        what = QUESTIONS.get(self.tool)
        return what is not None and what.is_write

    def read_subject(self) -> msgspec.Struct:
        """Return the subject as its record. Raises NotDone."""
        try:
            return msgspec.json.decode(self.subject, type=self.what.subject)
        except _NOT_JSON as error:
            raise NotDone(UNREADABLE.format(f"subject: {error}")) from error


@dataclass(frozen=True, slots=True)
class Bound:
    """A question made ready.

    Attributes:
        spec: The protocol; None for what needs none.
        settings: Of the spec's type; None where only the protocol counts.
    """

    spec: DriverSpec | None = None
    settings: BaseModel | None = None


def bound(question: Question, stored: Device | None, open_secret: OpenSecret = NO_KEYS.open) -> Bound:
    """Check a question's settings against its driver, and open what secrets it may use.

    A sealed secret is opened only where its device is stored, and only to go where it was entered for:
    whoever may ask could otherwise have the station show a password to a server of their own.

    Args:
        question: As sent; whoever sent it may ask it.
        stored: The device it names, as stored; None where it is not.
        open_secret: Opens what is sealed.

    Raises:
        NotDone: One sentence.
    """
    asks = question.what.asks
    if asks is Asks.NOTHING:
        return Bound()
    if asks is Asks.STORED_DEVICE:
        assert stored is not None  # whoever writes was checked
        return _bound(stored, open_secret)
    if asks is Asks.DRIVER:
        return Bound(_spec_of(question.driver))
    try:
        settings = msgspec.json.decode(question.settings, type=dict[str, object])
    except _NOT_JSON as error:
        raise NotDone(UNREADABLE.format("its settings are no object")) from error
    connection = cast(Mapping[str, JsonValue], settings)
    if _holds_sealed(connection):
        if stored is None:
            raise NotDone(ENTER_AGAIN)
        if target_of(question.driver, connection) != target_of(stored.driver, stored.connection):
            raise NotDone(OTHER_TARGET.format(name=stored.name))
    # Tags are none of the settings' business: those of the form may be half typed.
    asked = replace(stored or _NEW, driver=question.driver, connection=connection, tags=())
    return _bound(asked, open_secret)


_NEW = Device(
    id=DeviceId(0),
    device_id="",
    name="This device",
    type="",
    location="",
    driver="",
    connection={},
    period_s=1.0,
    tags=(),
)


def _bound(device: Device, open_secret: OpenSecret) -> Bound:
    try:
        binding = bind(device, open_secret)
    except CatalogueFault as fault:
        raise NotDone(str(fault)) from fault
    return Bound(binding.spec, binding.settings)


def _spec_of(kind: str) -> DriverSpec:
    try:
        return spec_of(kind)
    except KeyError as error:
        raise NotDone(f"This station knows no driver called {kind[:40]!r}.") from error


def _holds_sealed(connection: Mapping[str, JsonValue]) -> bool:
    found: list[Path] = []

    def look(path: Path, value: JsonValue) -> JsonValue:
        if is_sealed(value):
            found.append(path)
        return value

    replaced(dict(connection), look, ("connection",))
    return bool(found)
