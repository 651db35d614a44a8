"""Rollouts as a list, and what updates say of devices, under everybody's own login."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from models.queries import rollouts
from models.queries.rollout_list import load_heads, update_facts
from models.records.device import DeviceId
from models.records.rollout import RolloutHead, RolloutId, RolloutState, UpdateFacts
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite


@pytest.fixture(scope="module")
def factory(database_server: DatabaseServer) -> Iterator[FirmwareSite]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        made = FirmwareSite(site)
        made.station.enter()
        yield made
        made.close()
    database_server.drop(name)


def _head(database: Database, rollout: RolloutId) -> RolloutHead | None:
    with database.transaction() as connection:
        return next((one for one in load_heads(connection) if one.id == rollout), None)


def _end(factory: FirmwareSite, rollout: RolloutId, device: DeviceId, step: str, outcome: str) -> None:
    """Let an update be over, whoever did it."""
    with factory.site.owner.transaction() as connection:
        connection.exec_driver_sql("SET LOCAL session_replication_role = 'replica'")
        connection.execute(
            text(
                "UPDATE app.ota_deployments SET step = CAST(:step AS text), outcome = :outcome, "
                "observed_version = '2.0.0', "
                "status = CASE CAST(:step AS text) WHEN 'done' THEN 'completed' ELSE 'failed' END "
                "WHERE rollout_id = :rollout AND device_id = :device"
            ),
            {"step": step, "outcome": outcome, "rollout": rollout, "device": device},
        )


def test_a_draft_counts_the_devices_of_its_plan(factory: FirmwareSite) -> None:
    devices = factory.add_devices(3)
    made = factory.draft(factory.plan([devices[:1], devices[1:]]))
    found = _head(factory.engineers, made)
    assert found is not None
    assert (found.state, found.devices, found.done, found.failed) == (RolloutState.DRAFT, 3, 0, 0)


def test_what_has_begun_counts_what_is_done_and_what_failed(factory: FirmwareSite) -> None:
    devices = factory.add_devices(4)
    made = factory.started([devices])
    _end(factory, made, devices[0], "done", "updated")
    _end(factory, made, devices[1], "failed", "timed out")
    _end(factory, made, devices[2], "failed", "not begun")
    found = _head(factory.operators, made)
    assert found is not None
    assert (found.devices, found.done, found.failed, found.is_held) == (4, 1, 1, False)


def test_an_engineer_does_not_see_the_rollouts_of_strangers(factory: FirmwareSite) -> None:
    made = factory.started([factory.add_devices(1)])
    assert _head(factory.strangers, made) is None


def test_a_plan_knows_what_runs_who_is_busy_and_what_was_changed(factory: FirmwareSite) -> None:
    changed, failed, busy, fresh = factory.add_devices(4)
    made = factory.started([[changed, failed, busy]])
    _end(factory, made, changed, "done", "updated")
    _end(factory, made, failed, "failed", "timed out")
    with factory.engineers.transaction() as connection:
        facts = update_facts(connection, made)
    assert facts[changed] == UpdateFacts("2.0.0", is_busy=False, is_changed=True)
    assert facts[failed] == UpdateFacts("2.0.0", is_busy=False, is_changed=False)
    assert facts[busy] == UpdateFacts("", is_busy=True, is_changed=False)
    assert fresh not in facts


def test_whoever_wrote_the_plan_last_is_told(factory: FirmwareSite) -> None:
    plan = factory.plan([factory.add_devices(1)])
    made = factory.draft(plan)
    with factory.admins.transaction() as connection:
        rollouts.save_plan(connection, made, "Mine now", plan)
    assert factory.seen(made).edited_by == factory.admin.id
