"""The drill: this station is cut off the database for a while, and then counts whether anything was lost."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from threading import Lock

from console.station.clocks.clock import Clock
from console.station.database_thread import Turn
from console.station.store import Store
from console.station.tally import Counts
from models.errors import StorageError
from models.queries.drill import StoredBy, TakenOver
from models.records.device import DeviceId
from models.records.reading import Reading
from models.records.station import StationOrder

_LOOK_S = 0.1
_BACK_WITHIN_S = 120.0
_COUNTED_WITHIN_S = 15.0


@dataclass(frozen=True, slots=True)
class Course:
    """What a drill measured.

    Attributes:
        cut_s: For how long the station was cut off.
        made: Readings made, from the cut until everything was back.
        kept: Most readings that were kept on the disk at once.
        back_s: From the end of the cut until nothing waited on the disk any more; None: that did not happen.
        silent_s: For how long the station polled nothing.
        lost: Readings made that are not in the database, and not refused as late.
        late: Readings made that the database refused, because another station held the device by then.
        doubled: Readings made while another station polled the same device.
        taken: What other stations took over.
    """

    cut_s: float
    made: int
    kept: int
    back_s: float | None
    silent_s: float
    lost: int
    late: int
    doubled: int
    taken: Sequence[TakenOver]
    began_unix: float


class DrillBook:
    """Notes every reading made while a drill runs. `note` belongs to the event loop, the rest to a thread."""

    def __init__(self) -> None:
        """Begin closed."""
        self._lock = Lock()
        self._is_open = False
        self._from_unix = 0.0
        self._made: dict[DeviceId, array[float]] = {}

    def note(self, readings: Sequence[Reading]) -> None:
        """Take in readings just made; costs nothing while no drill runs."""
        if self._is_open:
            with self._lock:
                for reading in readings:
                    if reading.recorded_unix >= self._from_unix:
                        self._made.setdefault(reading.device, array("d")).append(reading.recorded_unix)

    def open(self, from_unix: float) -> None:
        """Begin to note what is dated from then on."""
        with self._lock:
            self._made, self._from_unix, self._is_open = {}, from_unix, True

    def close(self, to_unix: float) -> Mapping[DeviceId, Sequence[float]]:
        """End; return when readings were made until then, by device, in Unix seconds."""
        with self._lock:
            self._is_open = False
            made, self._made = self._made, {}
        return {device: [at for at in moments if at <= to_unix] for device, moments in made.items()}


class Drill:
    """Carries a drill out. Used on the orders' thread."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        book: DrillBook,
        counts: Callable[[], Counts],
        own: Callable[[], int],
        is_silent: Callable[[], bool],
        fenced: Callable[[], int],
    ) -> None:
        """Keep what it needs.

        Args:
            store: Is cut off, and counts afterwards.
            clock: The site's.
            book: Notes what is made.
            counts: Where readings are.
            own: This station's number.
            is_silent: Whether it polls nothing.
            fenced: How many readings the database refused as late so far.
        """
        self._store = store
        self._clock = clock
        self._book = book
        self._counts = counts
        self._own = own
        self._is_silent = is_silent
        self._fenced = fenced

    def run(self, order: StationOrder, turn: Turn) -> str:
        """Cut the station off for as long as asked; return what came of it, in a paragraph."""
        began_unix, began_s = self._clock.unix(), self._clock.monotonic()
        fenced = self._fenced()
        self._book.open(began_unix)
        self._store.cut_off(order.amount_s)
        try:
            kept, silent_s, back_s = self._watch(order.amount_s, began_s, turn)
        finally:
            self._store.restore()
            ended_unix = self._clock.unix()
            made = self._book.close(ended_unix)
        if turn.is_set():
            return "The station was stopped before the drill was over; the next start delivers what was kept."
        stored, taken = self._count(made, began_unix, ended_unix, turn)
        late = self._fenced() - fenced
        total = sum(len(moments) for moments in made.values())
        mine = sum(each.readings for each in stored if each.station == (self._own() or None))
        return outcome_of(
            Course(
                cut_s=order.amount_s,
                made=total,
                kept=kept,
                back_s=back_s,
                silent_s=silent_s,
                lost=max(0, total - mine - late),
                late=late,
                doubled=_doubled(made, stored, self._own()),
                taken=taken,
                began_unix=began_unix,
            )
        )

    def _watch(self, cut_s: float, began_s: float, turn: Turn) -> tuple[int, float, float | None]:
        """Look on until everything is back; returns what was kept, silent seconds, and how long it took."""
        kept, silent_s = 0, 0.0
        before, last_s = self._counts().spooled, began_s
        while not turn.wait(_LOOK_S):
            now_s, spooled = self._clock.monotonic(), self._counts().spooled
            kept = max(kept, spooled - before)
            silent_s += (now_s - last_s) * self._is_silent()
            last_s = now_s
            past_s = now_s - began_s - cut_s
            if past_s > 0 and not spooled and not self._is_silent() and self._is_answering():
                return kept, silent_s, past_s
            if past_s > _BACK_WITHIN_S:
                break
        return kept, silent_s, None

    def _is_answering(self) -> bool:
        try:
            self._store.read_clock()
        except StorageError:
            return False
        return True

    def _count(
        self, made: Mapping[DeviceId, Sequence[float]], from_unix: float, to_unix: float, turn: Turn
    ) -> tuple[Sequence[StoredBy], Sequence[TakenOver]]:
        """Count what is stored, until all of it is, or for as long as the last batch may take."""
        total, own = sum(len(moments) for moments in made.values()), self._own() or None
        since_s = self._clock.monotonic()
        while True:
            stored, taken = self._store.drill_traces(list(made), from_unix, to_unix)
            is_all = sum(each.readings for each in stored if each.station == own) >= total
            if is_all or self._clock.monotonic() - since_s > _COUNTED_WITHIN_S or turn.wait(_LOOK_S):
                return stored, taken


def outcome_of(course: Course) -> str:
    """Return what came of a drill, for people: figures only that were measured."""
    back = (
        f"everything was back {course.back_s:.1f} s after the database was"
        if course.back_s is not None
        else f"not everything was back {_BACK_WITHIN_S:.0f} s after the database was"
    )
    # What was made just before the cut may have waited with them.
    most = min(course.kept, course.made)
    kept = f"up to {most:,} were kept on the disk" if most else "none waited on the disk"
    words = [
        f"Cut off for {course.cut_s:g} s. {course.made:,} readings were made; {kept}, and {back}.",
        f"Lost: {course.lost:,}. Doubled: {course.doubled:,}.",
    ]
    if course.late:
        words.append(
            f"{course.late:,} came too late to count, because another station polled the device by then."
        )
    if course.silent_s >= 1.0:
        words.append(f"It polled nothing for {course.silent_s:.1f} s, so that no device was polled twice.")
    else:
        words.append("It polled on throughout.")
    for each in course.taken:
        words.append(
            f"{each.station_name} took {each.devices:,} of its devices over, the first "
            f"{each.first_unix - course.began_unix:.1f} s after the cut."
        )
    if not course.taken:
        words.append("No other station took any of its devices over.")
    return " ".join(words)


def _doubled(made: Mapping[DeviceId, Sequence[float]], stored: Sequence[StoredBy], own: int) -> int:
    """Count readings made while another station polled the same device."""
    doubled = 0
    for other in stored:
        if other.station != (own or None):
            moments = made.get(other.device, ())
            doubled += sum(1 for at in moments if other.first_unix < at < other.last_unix)
    return doubled
