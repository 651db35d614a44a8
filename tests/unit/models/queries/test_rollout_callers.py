"""Who writes and calls what of rollouts: every login against every table and function."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import NotAllowed, Rejected
from models.queries import rollouts
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


TABLES = ("ota_rollouts", "ota_waves", "ota_approvals", "ota_events", "ota_moves", "ota_deployments")


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize(
    "act", ["UPDATE app.{} SET {} = {}", "DELETE FROM app.{}", "INSERT INTO app.{} DEFAULT VALUES"]
)
def test_only_functions_write(factory: FirmwareSite, table: str, act: str) -> None:
    column = "of" if table == "ota_moves" else "id"
    for login in (factory.admins, factory.engineers, factory.operators, factory.station.database):
        with pytest.raises(NotAllowed), login.transaction() as connection:
            connection.execute(text(act.format(table, column, column)))


STATIONS_ALONE = (
    "conduct_rollouts(1)",
    "move_wave(1, 1, 1, 'planned', 'passed', '', '{}')",
    "conclude_rollout(1, 1, 'completed', '')",
    "claim_deployments(1, 10, 30)",
    "adopt_deployments(1)",
    "tell_deployment(1, 1, 'verifying', 30, 0, 0, '', '', '', '')",
    "begin_install(1, 1, 30)",
    "end_deployment(1, 1, 'done', 'updated', '', '', 0)",
)
PEOPLE_ALONE = (
    "save_rollout_plan(NULL, 'x', '{}')",
    "submit_rollout(1, '')",
    "approve_rollout(1, '', '')",
    "return_rollout(1, '')",
    "start_rollout(1, '')",
    "resume_rollout(1)",
    "ask_override(1, 'x')",
    "agree_to_override(1)",
    "soak_again(1)",
    "abort_rollout(1, 'x')",
)
NOBODY = (
    "tell_rollout(1, 'approved')",
    "held_rollout(1)",
    "conducted(1, 1)",
    "held_deployment(1, 1)",
    "need_planner('{}')",
    "read_plan('{}')",
    "may_update_devices(1, '{1}')",
)


@pytest.mark.parametrize("call", [*STATIONS_ALONE, *NOBODY])
def test_no_person_does_a_stations_work(factory: FirmwareSite, call: str) -> None:
    for login in (factory.admins, factory.engineers, factory.operators):
        with pytest.raises(NotAllowed), login.transaction() as connection:
            connection.execute(text(f"SELECT app.{call}"))


@pytest.mark.parametrize("call", [*PEOPLE_ALONE, *NOBODY, "pause_rollout(1, 'x')", "halt_rollout(1, 'x')"])
def test_no_station_plans_approves_or_stops(factory: FirmwareSite, call: str) -> None:
    with pytest.raises(NotAllowed), factory.station.works() as connection:
        connection.execute(text(f"SELECT app.{call}"))


@pytest.mark.parametrize("call", PEOPLE_ALONE)
def test_no_operator_plans_or_approves(factory: FirmwareSite, call: str) -> None:
    with pytest.raises(NotAllowed), factory.operators.transaction() as connection:
        connection.execute(text(f"SELECT app.{call}"))


def test_an_engineer_touches_no_rollout_of_others(factory: FirmwareSite) -> None:
    made = factory.draft(factory.plan([factory.add_devices(1)]))
    planned = factory.seen(made).plan_hash
    for act in (
        lambda c: rollouts.save_plan(
            c, made, "Mine", factory.plan([factory.add_devices(1, factory.stranger.id)])
        ),
        lambda c: rollouts.start(c, made, planned),
        lambda c: rollouts.send_back(c, made, "no"),
        lambda c: rollouts.pause(c, made, "no"),
        lambda c: rollouts.abort(c, made, "no"),
        lambda c: rollouts.load_rollout(c, made),
    ):
        with factory.strangers.transaction() as connection, pytest.raises(Rejected, match="no rollout with"):
            act(connection)
    assert factory.seen(made).plan_hash == planned
