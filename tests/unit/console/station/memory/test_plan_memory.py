"""What a station remembers of its plan, its leases, its alerts and its windows' tickets."""

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from console.station.health import LoopHealth
from console.station.memory.memory_keeper import MemoryKeeper
from console.station.memory.plan_memory import FOLDER, KeptTenure, PlanMemory
from console.station.memory.ticket_memory import TicketMemory
from console.station.store import Plan
from console.station.tuning import Tuning
from models.records.alert import OpenEpisode
from models.records.device import DeviceStatus
from models.records.lease import Lease, Peer, Tenure
from models.records.person import Role
from models.records.station_alert import Hiding, StationAlerts
from models.records.threshold import Guidance, RuleKind
from models.records.ticket import TicketHolder, digest_of
from models.secrets import SecretBox, field_context, key_id, new_key
from tests.unit.console.station.alert_parts import FIRST, ONE, alert

NOW = 1_700_000_000.0
WaitUntil = Callable[[Callable[[], bool]], None]


@pytest.fixture
def memory(tmp_path: Path) -> PlanMemory:
    return PlanMemory(tmp_path, "here")


def test_plan_is_remembered_as_it_was(memory: PlanMemory, make_device, make_threshold) -> None:
    device = make_device(
        connection={"host": "10.0.0.1", "unit": 1, "deep": {"list": [1, None, 2.5, "x"], "flag": True}},
        extra={"parent": "PLC-1"},
        user_id=7,
    )
    rich = make_threshold(
        rule=RuleKind.FROZEN, amount=0.5, guidance=Guidance("Pump", "Heat", "Stop", 60.0), realarm_s=600.0,
        disabled_reason="Rebuilt", disabled_by=3, disabled_at=datetime(2026, 1, 2, tzinfo=UTC),
    )  # fmt: skip
    plan = Plan((device, make_device(2)), (rich, make_threshold(2, 2)), ())
    memory.keep_plan(plan, NOW)
    kept = memory.load()
    assert kept is not None
    assert (kept.plan, kept.kept_unix) == (replace(plan, is_remembered=True), NOW)


def test_state_of_a_device_is_found_anew(memory: PlanMemory, make_device) -> None:
    memory.keep_plan(Plan((make_device(status=DeviceStatus.ONLINE, status_detail="fine"),), (), ()), NOW)
    kept = memory.load()
    assert kept is not None
    assert kept.plan.devices == (make_device(),)


def test_alerts_are_remembered_and_are_the_plans_episodes(memory: PlanMemory) -> None:
    alerts = StationAlerts((alert(cleared_unix=12.0),), (Hiding(ONE, None, NOW), Hiding(ONE, FIRST, NOW)))
    memory.keep_plan(Plan((), (), ()), NOW)
    memory.keep_alerts(alerts)
    kept = memory.load()
    assert kept is not None
    assert kept.alerts == alerts
    assert kept.plan.episodes == (OpenEpisode(FIRST, ONE, 10.0, is_cleared=True),)


def test_leases_are_remembered_with_who_the_station_is(memory: PlanMemory) -> None:
    episodes = (OpenEpisode(FIRST, ONE, 10.0, is_cleared=False),)
    tenure = Tenure((Lease(ONE, 7),), episodes, (Peer(2, "B", "b:5"),), b"key", NOW)
    kept = KeptTenure(3, tenure, -0.25)
    memory.keep_tenure(KeptTenure(3, replace(tenure, episodes=()), -0.25))
    memory.keep_alerts(StationAlerts((alert(),)))
    assert memory.load_tenure() == kept


def test_leases_without_a_plan_are_no_plan(memory: PlanMemory) -> None:
    memory.keep_alerts(StationAlerts())
    assert memory.load() is None


def test_secrets_stay_sealed_and_keys_stay_where_they_are(
    memory: PlanMemory, make_device, tmp_path: Path
) -> None:
    key = new_key()
    box = SecretBox({key_id(key): key}, key_id(key))
    sealed = box.seal("geheim", field_context("DRIVE-01", ("connection", "password")))
    device = make_device(connection={"password": sealed})
    memory.keep_plan(Plan((device,), (), (), box), NOW)
    assert b"geheim" not in (tmp_path / FOLDER / "plan").read_bytes()
    assert key not in (tmp_path / FOLDER / "plan").read_bytes()
    asked: list[object] = []
    kept = memory.load(lambda names: asked.append(list(names)) or box)
    assert kept is not None
    assert (kept.plan.devices, kept.plan.secrets, asked) == ((device,), box, [[key_id(key)]])


@pytest.fixture
def keeper(tuning: Tuning) -> Iterator[MemoryKeeper]:
    keeper = MemoryKeeper(tuning, LoopHealth())
    keeper.start()
    yield keeper
    keeper.stop()


def test_only_the_latest_is_kept_and_what_waits_at_the_end(
    keeper: MemoryKeeper, wait_until: WaitUntil
) -> None:
    kept: list[str] = []
    writing = threading.Event()
    keeper.put("plan", lambda: (writing.wait(5.0), kept.append("first")))
    for text in ("second", "third"):
        keeper.put("alerts", lambda text=text: kept.append(text))
    writing.set()
    wait_until(lambda: "first" in kept)
    keeper.put("alerts", lambda: kept.append("last"))
    keeper.stop()
    assert "second" not in kept
    assert kept[-1] == "last"


def test_disk_that_fails_is_named_once_and_tried_again(
    keeper: MemoryKeeper, wait_until: WaitUntil, caplog: pytest.LogCaptureFixture
) -> None:
    failed = threading.Event()

    def fail() -> None:
        failed.set()
        raise OSError("No space left on device")

    keeper.put("plan", fail)
    wait_until(failed.is_set)
    wait_until(lambda: bool(caplog.messages))
    keeper.stop()
    assert caplog.messages == [
        "The station cannot keep its plan, so it could not begin without the database: "
        "No space left on device"
    ]


DIGEST = digest_of("a ticket")
HOLDER = TicketHolder(1, "Ada", Role.OPERATOR, datetime(2026, 1, 1, tzinfo=UTC), 600.0)


@pytest.fixture
def tickets(tmp_path: Path) -> TicketMemory:
    return TicketMemory(tmp_path, "here", lambda _, keep: keep())


def test_ticket_is_remembered_until_it_runs_out(tickets: TicketMemory) -> None:
    tickets.keep({DIGEST: (HOLDER, NOW + 600.0)}, NOW)
    (remembered,) = tickets.load(NOW + 500.0).items()
    assert remembered == (DIGEST, HOLDER)
    assert remembered[1].remaining_s == pytest.approx(100.0)
    assert tickets.load(NOW + 600.0) == {}


def test_no_ticket_is_remembered_by_a_clock_that_was_set_back(tickets: TicketMemory) -> None:
    tickets.keep({DIGEST: (HOLDER, NOW + 600.0)}, NOW)
    assert tickets.load(NOW - 3600.0) == {}


def test_no_ticket_is_kept_itself(tickets: TicketMemory, tmp_path: Path) -> None:
    tickets.keep({DIGEST: (HOLDER, NOW + 600.0)}, NOW)
    assert b"a ticket" not in (tmp_path / FOLDER / "tickets").read_bytes()
