"""Who asks the database and orders something, from whichever panel: the person signed in at this window."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge import permissions
from console.bridge.catalogue import Catalogue
from console.bridge.command_runner import Job
from console.bridge.commands import AcknowledgeAlerts, Command
from console.bridge.counter_signature import CounterSignature
from console.bridge.device_tools import DeviceTools
from console.bridge.persons_database import PersonsDatabase
from console.bridge.session_keeper import SessionKeeper
from console.bridge.signature import Signature, SignatureTries
from console.bridge.station_orders import StationOrders
from models.records.alert import Alert
from models.records.rights import Action

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from models.records.person import Person

T = TypeVar("T")

_NEEDS_DATABASE = "This needs the database, which is away; nothing was changed. Try again once it is back."


class Asking(QObject):
    """The half of the bridge that panels ask and order through. Belongs to the window's thread.

    Attributes:
        session: Signs in and out, locks and unlocks.
        catalogue: The snapshot in force.
        alerts: Open ones.
        device_tools: Asks devices through the station of this computer.
        control_refused: Somebody tried to use a control while it was locked; one sentence.
        people_changed: Something about persons, stations or tickets is another.
        notifications_changed: Something about notifications is another: channels, rules, messages.
        firmware_changed: A rollout is another: its plan, its state, a device of it.
    """

    control_refused = Signal(str)
    people_changed = Signal()
    notifications_changed = Signal()
    firmware_changed = Signal()

    def __init__(
        self,
        session: SessionKeeper,
        station_orders: StationOrders,
        device_tools: DeviceTools,
        parent: QObject | None = None,
    ) -> None:
        """Store whose session it is, and what goes to the station; nobody has signed in yet."""
        super().__init__(parent)
        self.device_tools = device_tools
        device_tools.refused.connect(self.control_refused)
        self.session = session
        self.catalogue = Catalogue()
        self.alerts: tuple[Alert, ...] = ()
        self._away_text = ""
        self._station_orders = station_orders
        self._database: PersonsDatabase | None = None
        self._tries = SignatureTries()

    @property
    def person(self) -> Person | None:
        """Who is at this window; None while nobody is signed in."""
        session = self.session.state.session
        return None if session is None else session.person

    @property
    def is_locked(self) -> bool:
        """Whether controls are locked: `command` then refuses, except an operator's acknowledgements."""
        return self.session.state.is_locked

    @property
    def pending_commands(self) -> int:
        """How many commands have not been answered yet."""
        at_database = 0 if self._database is None else self._database.pending_commands
        return at_database + self._station_orders.pending

    def may(self, action: Action, owner_id: int | None = None) -> bool:
        """Tell whether the person signed in may do this with a device of `owner_id`.

        What they may not, the window does not offer; the database is what refuses.
        """
        return permissions.may(self.session.state, action, owner_id)

    def may_somewhere(self, action: Action) -> bool:
        """Tell whether the person signed in may do this with their own devices at least."""
        person = self.person
        return person is not None and self.may(action, person.id)

    def may_handle(self, alert: Alert) -> bool:
        """Tell whether the person signed in may acknowledge and resolve an alert."""
        device = self.catalogue.device(alert.device)
        return self.may(Action.HANDLE_ALERTS, None if device is None else device.user_id)

    def ask(
        self,
        question: Callable[[Connection], T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Ask the database on a worker thread; the answer, or one sentence, comes back on this thread.

        An answer that comes after the session ended is dropped. While the database is known to be away, the
        question fails at once.

        Args:
            question: Runs inside one transaction on another thread: touch no widget in it.
            on_done: Gets what `question` returned.
            on_failed: Gets the sentence to show.
            owner: Neither callback is called once this object is destroyed.
        """
        if self._database is None:
            QTimer.singleShot(0, owner, lambda: on_failed(permissions.NOBODY))
        elif self._away_text:
            sentence = self._away_text
            QTimer.singleShot(0, owner, lambda: on_failed(sentence))
        else:
            self._database.runner.run(Job(question, on_done, on_failed, owner))

    def beside(self, work: Callable[[], T], on_done: Callable[[T], None], owner: QObject) -> None:
        """Do on a worker thread what takes its time and holds no connection, as fetching an image.

        Args:
            work: Returns what came of it, a failure too: nothing it raises is told but to the log.
            on_done: As in `ask`.
            owner: As in `ask`.
        """
        if self._database is not None:
            self._database.runner.run_beside(work, on_done, owner)

    def command(
        self,
        command: Command[T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Carry a command out under this window's person; callbacks as in `ask`.

        The change itself comes back like everybody else's, through `alerts_changed`. While the database is
        known to be away, acknowledgements go to the station, which keeps them; all others fail at once.
        """
        self._order(command, on_done, on_failed, owner, None)

    def command_signed(
        self,
        password: str,
        command: Command[T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Carry a command out that needs a signature; callbacks as in `ask`.

        Args:
            password: As the person at this window has just typed it. Where it is not theirs, `on_failed` gets
                that sentence and nothing changes; after three in a row there is a wait between tries.
            command: As in `command`.
            on_done: As in `ask`.
            on_failed: As in `ask`.
            owner: As in `ask`.
        """
        person = self.person
        signature = Signature(password, "" if person is None else person.name, self._tries)
        self._order(command, on_done, on_failed, owner, signature)

    def command_as(
        self,
        email: str,
        password: str,
        command: Command[T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
    ) -> None:
        """Carry a command out for a second person, who signs at this window; callbacks as in `ask`.

        Their connection is opened for it and closed after it; the session stays whose it is. Wrong passwords
        are counted as in `command_signed`.
        """
        signature = CounterSignature(email, password, self._tries)
        self._order(command, on_done, on_failed, owner, signature)

    def _pass_on(self, database: PersonsDatabase) -> None:
        """Announce what panels ask for themselves."""
        database.people_changed.connect(self.people_changed)
        database.notifications_changed.connect(self.notifications_changed)
        database.firmware_changed.connect(self.firmware_changed)

    def _order(
        self,
        command: Command[T],
        on_done: Callable[[T], None],
        on_failed: Callable[[str], None],
        owner: QObject,
        signature: Signature | CounterSignature | None,
    ) -> None:
        state = self.session.state
        refusal = permissions.refusal_of(state, command)
        if signature is not None and not refusal:
            refusal = self._tries.refusal()
        if self._away_text and not refusal:
            if isinstance(command, AcknowledgeAlerts):
                self._station_orders.acknowledge(command, self.alerts, on_done, on_failed, owner)
                return
            refusal = _NEEDS_DATABASE
        if self._database is not None and not refusal:
            self._database.order(command, on_done, on_failed, owner, signature)
            return
        QTimer.singleShot(0, owner, lambda: on_failed(refusal))
        if permissions.is_locked_for(state, command):
            self.control_refused.emit(refusal)
