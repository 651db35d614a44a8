"""What goes back to the database is polled no more, whatever a renewal in between says."""

import asyncio
import threading
from dataclasses import dataclass, field, replace

from console.station.clocks.site_clock import SiteClock
from console.station.health import LoopHealth
from console.station.leasing.duty import Duty, WitnessPlace
from models.records.device import DeviceId
from models.records.lease import Lease, Tenure
from models.records.station import StationIdentity

ONE, TWO = DeviceId(1), DeviceId(2)


@dataclass
class Register:
    """Lends two devices; wants the second one back in its first answer only."""

    released: set[DeviceId] = field(default_factory=set)
    renewals: int = 0
    enough: threading.Event = field(default_factory=threading.Event)

    def enter(self) -> StationIdentity:
        return StationIdentity(1, "Me", 1)

    def renew(self, incarnation, released, report, witness, known) -> Tenure:
        self.renewals += 1
        self.released.update(released)
        if self.renewals == 12:
            self.enough.set()
        leases = (Lease(ONE, 1), Lease(TWO, 1, is_surplus=self.renewals == 1))
        return Tenure(leases, (), (), b"key", 1_700_000_000.0 + self.renewals)

    def leave(self, incarnation: int) -> None:
        self.left = incarnation


async def test_device_that_stays_after_all_is_not_given_back_while_it_is_polled(tuning, tmp_path) -> None:
    register, shares = Register(), []
    quick = replace(tuning, renew_s=0.02)
    duty = Duty(
        register,  # type: ignore[arg-type]
        SiteClock(),
        quick,
        LoopHealth(),
        WitnessPlace("127.0.0.1", 0, lambda: "127.0.0.1", tmp_path / "port"),
        on_change=lambda: shares.append(set(duty.share.epochs or ())),
    )
    await duty.start()
    assert await asyncio.to_thread(register.enough.wait, 10)
    await duty.stop()
    assert shares == [{ONE}, {ONE, TWO}]
    assert register.released == set()
