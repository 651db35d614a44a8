"""Keeps the window's session: opens the site, lets a person in, notices its end, locks the controls.

`console/sign_in.py` does the work, on one worker thread; this object belongs to the window's thread and tells
it what came of it. Passwords are handed through and never kept here.

What the lock is for: nobody who walks past shall change anything in another's name. So it refuses every
control and leaves the view alone; it does *not* refuse an operator's taking note of alerts. An alert must be
acknowledged within seconds by whoever stands there, also while the password is mistyped or forgotten, and the
worst that a stranger can do with it is to silence a flash that stays in the list, with the time beside it.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, QTimer, Signal

from console.bridge.session_state import Phase, SessionState
from console.bridge.sign_in_worker import SignInWorker
from models.errors import DatabaseAway, SignInRefused, StorageError

if TYPE_CHECKING:
    from console.sign_in import Session, Site
    from models.records.person import Person

_PAUSES_S = (0.5, 1.0, 2.0)
_LOOK_MS = 60_000
_FREE_TRIES = 3
_LONGEST_WAIT_S = 30.0
_RUN_OUT = "This session has run out, because the database was out of reach for days. Sign in again."

_log = logging.getLogger(__name__)


class Door(Protocol):
    """What of `console.sign_in.SignIn` is used here. Both calls block."""

    def open(self) -> Site:
        """Start or find the database. Raises StorageError."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Entrant:
    """Somebody to be signed in as soon as there is a database to sign in to."""

    email: str
    password: str

    def __repr__(self) -> str:
        return f"Entrant({self.email!r})"


class SessionKeeper(QObject):
    """Every member belongs to the window's thread; nothing here blocks it.

    Attributes:
        opened: The database is there; people may be let in.
        changed: `state` is another.
        signed_in: A session began (Session): its data may be asked for.
        signed_out: It ended: everything that was its person's must go; then `dismiss` it.
        renewed: The session goes on with another ticket (Session), perhaps online where it was not.
        person_changed: The person's name is another. Another role is another session.
        unlock_refused: One sentence.
        told: One sentence for the person, when nothing else says it.
    """

    opened = Signal()
    changed = Signal()
    signed_in = Signal(object)
    signed_out = Signal()
    renewed = Signal(object)
    person_changed = Signal()
    unlock_refused = Signal(str)
    told = Signal(str)

    def __init__(
        self,
        make_door: Callable[[], Door],
        application_name: str,
        entrant: Entrant | None = None,
        email: str = "",
        load: Sequence[Callable[[], None]] = (),
        opening_text: str = "Connecting to the database…",
        now: Callable[[], float] = time.time,
        parent: QObject | None = None,
    ) -> None:
        """Store what is needed.

        Args:
            make_door: Builds the way in, on the worker: its libraries take half a second to load.
            application_name: Shown in the server's list of sessions.
            entrant: Who is signed in without being asked; None = the page asks.
            email: Offered on the page to begin with.
            load: Imports that questions asked later need; done while nobody else imports.
            opening_text: Shown until the database was reached or could not be.
            now: Unix seconds.
        """
        super().__init__(parent)
        self._make_door = make_door
        self._application_name = application_name
        self._entrant = entrant
        self._load = load
        self._now = now
        self._state = SessionState(sentence=opening_text, email=email)
        self._door: Door | None = None
        self._site: Site | None = None
        self._wrong_tries, self._next_try_unix = 0, 0.0
        self._renewals = 0
        self._worker = SignInWorker(self)
        self._look = QTimer(self, interval=_LOOK_MS)
        self._look.timeout.connect(self.look_at_expiry)

    @property
    def state(self) -> SessionState:
        """Who is here, and what to say."""
        return self._state

    def start(self) -> None:
        """Open the site, trying again for as long as it takes. Returns at once."""
        self._look.start()
        self._worker.do(self._open, self._on_opened, self._on_mistake)

    def stop(self) -> None:
        """End the session and let go of the database. Safe twice."""
        self._look.stop()
        session = self._state.session
        self._worker.stop(lambda: self._close(session))

    def sign_in(self, email: str, password: str) -> None:
        """Let a person in; while the database is away, from what this computer remembers: to view only."""
        site = self._site
        if site is None or self._state.is_busy or self._state.session is not None:
            return
        self._become(is_busy=True, sentence="", is_fault=False, email=email)
        self._worker.do(lambda: self._enter(site, email, password), self._begin, self._on_refused)

    def create_first_admin(self, name: str, email: str, password: str) -> None:
        """Create the first administrator and let them in."""
        site = self._site
        if site is None or self._state.is_busy or self._state.phase is not Phase.FIRST_ADMIN:
            return
        self._become(is_busy=True, sentence="", is_fault=False, email=email)

        def create() -> Session:
            site.create_first_admin(name, email, password)
            return self._enter(site, email, password)

        self._worker.do(create, self._begin, self._on_refused)

    def sign_out(self) -> None:
        """The person leaves."""
        self._leave(Phase.SIGNED_OUT, "")

    def dismiss(self, session: Session) -> None:
        """End a session's login. For whoever used it, once nothing of theirs is on its way there any more."""
        site, current = self._site, self._state.session
        # After a change of role the same login goes on.
        if site is not None and (current is None or current.database is not session.database):
            self._worker.do(lambda: site.sign_out(session), lambda _nothing: None, lambda _error: None)

    def end(self, sentence: str) -> None:
        """The session is over although nobody signed out; the sentence says why and what to do."""
        self._leave(Phase.ENDED, sentence)

    def lock(self) -> None:
        """Lock the controls; the view stays, and an operator may still take note of alerts."""
        if self._state.session is not None and not self._state.is_locked:
            self._wrong_tries, self._next_try_unix = 0, 0.0
            self._become(is_locked=True)

    def unlock(self, password: str) -> None:
        """Unlock the controls with the password of the person signed in."""
        session = self._state.session
        if session is None or not self._state.is_locked or self._state.is_busy:
            return
        wait_s = self._next_try_unix - self._now()
        if wait_s > 0:
            self.unlock_refused.emit(f"Too many wrong passwords; wait {max(1, round(wait_s))} s.")
            return
        self._become(is_busy=True)

        def take(*, is_right: bool) -> None:
            self._become(is_busy=False)
            if not is_right:
                self._count_wrong_try(session)
            elif self._is_still(session):
                self._become(is_locked=False)

        def refuse(error: StorageError) -> None:
            self._become(is_busy=False)
            self.unlock_refused.emit(str(error))

        self._worker.do(
            lambda: session.is_own_password(password), lambda is_right: take(is_right=is_right), refuse
        )

    def refresh(self) -> None:
        """Ask the database again whether this person may be here, as whom, and for a fresh ticket."""
        if not self._renewals:
            self._renew(lambda site, session: site.refresh(session))

    def password_changed(self, password: str) -> None:
        """Go on with the password that this person has just given themselves."""
        self._renew(lambda site, session: site.password_changed(session, password))

    def take_person(self, person: Person) -> None:
        """Hear from the database who this is now; another role begins the session anew."""
        session = self._state.session
        if session is None or session.person == person:
            return
        is_other_role = session.person.role != person.role
        session = replace(session, person=person)
        if is_other_role:
            self.signed_out.emit()
            self._enter_session(replace(self._state, session=session))
            self.told.emit("An administrator changed your role: the window now shows what it allows.")
        else:
            self._become(session=session)
        self.person_changed.emit()

    def look_at_expiry(self) -> None:
        """Ask for a fresh ticket once a day, and end a session whose ticket has run out."""
        session = self._state.session
        if session is None:
            return
        left = session.expires_at - datetime.fromtimestamp(self._now(), UTC)
        if left <= timedelta(0):
            self.end(_RUN_OUT)
        elif left < timedelta(days=6):
            self.refresh()

    # -- on the worker ---------------------------------------------------------------------------------

    def _open(self) -> Site | None:
        attempt = 0
        while not self._worker.is_stopped:
            try:
                if self._door is None:
                    self._door = self._make_door()
                site = self._door.open()
            except StorageError as error:
                _log.warning("The database could not be opened: %s", error)
                self._worker.report(self._on_not_opened, str(error))
                self._worker.pause(_PAUSES_S[min(attempt, len(_PAUSES_S) - 1)])
                attempt += 1
            else:
                for step in self._load:
                    step()
                return site
        return None

    def _enter(self, site: Site, email: str, password: str) -> Session:
        try:
            return site.sign_in(email, password, self._application_name)
        except DatabaseAway as away:
            _log.warning("Signing in without the database: %s", away)
            return site.sign_in_offline(email, password, self._application_name)

    def _close(self, session: Session | None) -> None:
        if session is not None and self._site is not None:
            self._site.sign_out(session)
        if self._door is not None:
            self._door.close()

    # -- back on the window's thread -------------------------------------------------------------------

    def _on_not_opened(self, sentence: str) -> None:
        self._become(sentence=sentence, is_fault=True)

    def _on_mistake(self, error: StorageError) -> None:
        self._become(sentence=str(error), is_fault=True)

    def _on_opened(self, site: Site) -> None:
        self._site = site
        self.opened.emit()
        phase = Phase.FIRST_ADMIN if site.needs_first_admin else Phase.SIGNED_OUT
        about = {"place": site.place, "away": site.away, "cautions": site.cautions}
        entrant, self._entrant = self._entrant, None
        if entrant is not None and phase is Phase.SIGNED_OUT:
            # The page stays as it is: whoever is let in without being asked need not see it come and go.
            self._become(**about, is_busy=True, is_fault=False, sentence="Signing in…", email=entrant.email)
            work = lambda: self._enter(site, entrant.email, entrant.password)  # noqa: E731
            self._worker.do(work, self._begin, self._on_refused)
        else:
            self._become(**about, phase=phase, sentence="", is_fault=False)

    def _begin(self, session: Session) -> None:
        _log.info("Signed in%s", " without the database" if session.is_offline else "")
        state = SessionState(
            Phase.SIGNED_IN, email=session.person.email, place=self._state.place, session=session
        )
        self._enter_session(state)
        self.person_changed.emit()
        if session.notice:
            self.told.emit(session.notice)

    def _enter_session(self, state: SessionState) -> None:
        # Whoever holds data comes first, so that what is built on `changed` finds the new person's.
        self._state = state
        self.signed_in.emit(state.session)
        self.changed.emit()

    def _on_refused(self, error: StorageError) -> None:
        phase = self._state.phase
        if phase is Phase.OPENING or (
            phase is Phase.FIRST_ADMIN and self._site is not None and not self._site.needs_first_admin
        ):
            phase = Phase.SIGNED_OUT
        self._become(phase=phase, is_busy=False, sentence=str(error), is_fault=True)

    def _leave(self, phase: Phase, sentence: str) -> None:
        session = self._state.session
        if session is None:
            return
        _log.info("Signed out%s", f": {sentence}" if sentence else "")
        self._state = replace(
            self._state,
            session=None,
            is_locked=False,
            phase=phase,
            sentence=sentence,
            is_fault=bool(sentence),
            # Whoever left by themselves may be followed by anybody; whoever was put out comes back.
            email=session.person.email if phase is Phase.ENDED else "",
        )
        self.signed_out.emit()
        self.changed.emit()
        self.person_changed.emit()

    def _renew(self, ask: Callable[[Site, Session], Session]) -> None:
        site, session = self._site, self._state.session
        if site is None or session is None:
            return
        self._renewals += 1

        def take(renewed: Session) -> None:
            self._renewals -= 1
            current = self._state.session
            if current is not None and self._is_still(session):
                self._become(session=replace(renewed, person=current.person))
                self.renewed.emit(self._state.session)
                self.take_person(renewed.person)

        def refuse(error: StorageError) -> None:
            self._renewals -= 1
            # While a new password is on its way, the old one is refused with good reason.
            if isinstance(error, SignInRefused) and not self._renewals and self._is_still(session):
                self.end(str(error))

        self._worker.do(lambda: ask(site, session), take, refuse)

    def _count_wrong_try(self, session: Session) -> None:
        self._wrong_tries += 1
        over = self._wrong_tries - _FREE_TRIES
        wait_s = min(2.0**over, _LONGEST_WAIT_S) if over >= 0 else 0.0
        self._next_try_unix = self._now() + wait_s
        self.unlock_refused.emit(f"This is not {session.person.name}'s password.")

    def _is_still(self, session: Session) -> bool:
        current = self._state.session
        return current is not None and current.person.id == session.person.id

    def _become(self, **changes: Any) -> None:
        state = replace(self._state, **changes)
        if state != self._state:
            self._state = state
            self.changed.emit()
