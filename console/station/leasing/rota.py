"""Who polls what: applies the plan and this station's share of it to every part of the station."""

from collections.abc import Callable, Collection, Mapping
from itertools import chain

from console.catalogue.binding import Binding
from console.station.assignment import Assignment
from console.station.clocks.clock import Clock
from console.station.feed import Feed
from console.station.judgement import Judgement
from console.station.leasing.share import NOTHING, Share
from console.station.outbox import Outbox
from console.station.polling.hubs import Hubs
from console.station.polling.poller import Poller
from console.station.state_book import StateBook
from models.records.device import Device, DeviceId, DeviceStatus


class Rota:
    """What is polled and judged now. Used on the event loop only.

    Attributes:
        epochs: Of the leases of the devices that are polled; empty where they need none.
    """

    def __init__(
        self,
        poller: Poller,
        hubs: Hubs,
        judgement: Judgement,
        states: StateBook,
        outbox: Outbox,
        feed: Feed,
        clock: Clock,
        on_devices: Callable[[set[DeviceId]], None],
    ) -> None:
        """Begin with nothing to do. `on_devices` hears which devices are this station's from now on."""
        self.epochs: Mapping[DeviceId, int] = {}
        self._poller = poller
        self._hubs = hubs
        self._judgement = judgement
        self._states = states
        self._outbox = outbox
        self._feed = feed
        self._clock = clock
        self._on_devices = on_devices
        self._assignment: Assignment | None = None
        self._share: Share = NOTHING
        self._mine: frozenset[DeviceId] = frozenset()
        self._still: frozenset[DeviceId] = frozenset()

    def assign(self, assignment: Assignment, share: Share, *, is_silent: bool) -> None:
        """Work by a new plan from now on."""
        self._assignment = assignment
        self.share_out(share, is_silent=is_silent)

    def share_out(self, share: Share, *, is_silent: bool) -> None:
        """Poll and judge a share of the plan; devices that stay are not disturbed.

        Args:
            share: The station's.
            is_silent: It polls nothing for a while, and judges nothing by that.
        """
        assignment = self._assignment
        if assignment is None:
            return
        devices = share.of(assignment.plan.devices)
        mine = {device.id for device in devices}
        self._mine = frozenset(mine)
        gone = [state.device for state in self._states.all() if state.device not in mine]
        # What was answered until now was answered under the leases of until now.
        self._poller.hand_on()
        self._target(assignment)
        if is_silent:
            self._judgement.rest()
        else:
            self._judge(assignment, share)
        self._states.set_devices(devices)
        for device, sentence in assignment.faults.items():
            self._states.found(device, DeviceStatus.ERROR, sentence)
        owners = {device.id: device.user_id for device in devices if device.user_id is not None}
        if gone:
            self._feed.release(gone)
        self._feed.set_states(self._states.all(), owners)
        self._on_devices(mine)
        self.announce_states()

    def stand_still(self, devices: Collection[DeviceId]) -> None:
        """Poll everything but these, which somebody else works on; their silence is no fault of theirs."""
        still = frozenset(devices)
        if still == self._still:
            return
        self._still = self._judgement.still = still
        if self._assignment is not None:
            self._poller.hand_on()
            self._target(self._assignment)

    def lines_of(self, name: Callable[[Binding], str]) -> Mapping[DeviceId, str]:
        """Return what `name` says of each device of this station that can be polled."""
        if self._assignment is None:
            return {}
        return {
            device.id: name(binding)
            for device, binding in self._assignment.bindings.values()
            if device.id in self._mine
        }

    def reached(self, device: DeviceId) -> tuple[Device, Binding]:
        """Return a device of this station and how it is reached; raises KeyError for any other."""
        if self._assignment is None or device not in self._mine:
            raise KeyError(device)
        return self._assignment.bindings[device]

    def announce_states(self) -> None:
        """Tell database and windows of the states that changed."""
        changed = self._states.take_changed()
        if changed:
            self._outbox.put_states(changed, is_urgent=True, epochs=self.epochs)
            self._feed.publish_states(changed)

    def announce_seen(self) -> None:
        """Tell database and windows when devices were last heard of."""
        seen = self._states.take_seen()
        self._outbox.put_states(seen, is_urgent=False, epochs=self.epochs)
        self._feed.publish_states(seen)

    def _target(self, assignment: Assignment) -> None:
        self._poller.set_targets(
            self._hubs.target(device, binding)
            for device, binding in assignment.bindings.values()
            if device.id in self._mine and device.id not in self._still
        )

    def _judge(self, assignment: Assignment, share: Share) -> None:
        """Judge the share from now on; what others found of devices that are new in it is taken in once."""
        self.epochs = share.epochs or {}
        if share is not self._share:
            self._share = share
            planned = {device.id for device in assignment.plan.devices}
            fresh = {device: some for device, some in share.fresh.items() if device in planned}
            self._judgement.hold(fresh.keys(), chain.from_iterable(fresh.values()))
            if share.is_remembered:
                self._judgement.doubt(fresh.keys())
        self._judgement.assign(assignment, self._clock.unix(), share.epochs)
