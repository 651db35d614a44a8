"""Which channel is due at which tick. A channel stands in the wheel once that counts: at its `due_tick`."""

from collections.abc import Iterator

from console.station.polling.channel import Channel


class Wheel:
    """Channels by the tick at which they are due."""

    def __init__(self) -> None:
        """Begin empty, before tick 1."""
        self._slots: dict[int, list[Channel]] = {}
        self._tick = 0

    @property
    def tick(self) -> int:
        """The last tick that was turned to."""
        return self._tick

    def schedule(self, channel: Channel, tick: int) -> None:
        """Make a channel due at `tick` instead of whenever it was due before."""
        channel.due_tick = tick
        slot = self._slots.get(tick)
        if slot is None:
            self._slots[tick] = [channel]
        else:
            slot.append(channel)

    def turn_to(self, tick: int) -> Iterator[tuple[Channel, int]]:
        """Yield each channel that is due up to `tick`, with the tick at which it was due.

        Whoever iterates schedules the channel again, or sets its `due_tick` to None. A channel scheduled
        meanwhile for a tick up to `tick` waits for the next turn.
        """
        for due in self._due_ticks(tick):
            for channel in self._slots.pop(due):
                if channel.due_tick == due:
                    yield channel, due
        self._tick = max(self._tick, tick)

    def _due_ticks(self, tick: int) -> list[int]:
        if tick - self._tick > len(self._slots):
            # After a suspended hour most ticks are empty: look at those in the wheel, not at all of them.
            return sorted(due for due in self._slots if due <= tick)
        return [due for due in range(self._tick + 1, tick + 1) if due in self._slots]
