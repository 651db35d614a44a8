"""A plan is stored as this program writes it or not at all: whoever approves reads what the database does."""

from collections.abc import Iterator
from contextlib import closing

import pytest
from sqlalchemy import text

from models.database import Database
from models.errors import NotAllowed, Rejected
from models.queries import rollouts
from models.queries.refusals import told_plainly
from models.queries.rollout_list import load_heads
from models.records.device import DeviceId
from models.records.rollout import InstallWindow, RolloutId
from tests.account_parts import Site
from tests.conftest import DatabaseServer
from tests.unit.models.queries.rollout_parts import FirmwareSite


@pytest.fixture(scope="module")
def factory(database_server: DatabaseServer) -> Iterator[FirmwareSite]:
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as site:
        made = FirmwareSite(site)
        yield made
        made.close()
    database_server.drop(name)


@pytest.fixture(scope="module")
def mine(factory: FirmwareSite) -> DeviceId:
    return factory.add_devices(1)[0]


@pytest.fixture(scope="module")
def foreign(factory: FirmwareSite) -> DeviceId:
    return factory.add_devices(1, owner=factory.stranger.id)[0]


def saved(factory: FirmwareSite, plan: str, name: str = "Drives") -> RolloutId:
    """Store a plan as an engineer who speaks SQL would."""
    with factory.engineers.transaction() as connection, told_plainly():
        return RolloutId(
            connection.execute(
                text("SELECT app.save_rollout_plan(NULL, :name, :plan)"), {"name": name, "plan": plan}
            ).scalar_one()
        )


def written(factory: FirmwareSite, mine: DeviceId, **settings: object) -> str:
    return rollouts.plan_bytes(factory.plan([[mine]], **settings))


def test_what_this_program_writes_is_stored_whatever_its_settings(factory: FirmwareSite, mine) -> None:
    plan = factory.plan(
        [[mine]],
        window=InstallWindow((0, 6), "22:00", "04:30"),
        wave_sizes=("1", "25 %"),
        idle_quantity="rpm",
        idle_below=-1e-7,
        retry_s=1e16,
    )
    assert factory.seen(factory.draft(plan)).plan == plan


_MINE = '"device":MINE,'
_DEVICE = '{"device":MINE,"is_canary":false,"reason":"","wave":0}'
_OTHER = '{"device":FOREIGN,"is_canary":false,"reason":"","wave":0}'


@pytest.mark.parametrize(
    ("was", "becomes", "says"),
    [
        (_DEVICE, _OTHER, "engineer of all its devices"),
        (_DEVICE, f"{_DEVICE},{_OTHER}", "engineer of all its devices"),
        (_MINE, '"device":MINE,"device":FOREIGN,', "Device number 1"),
        (_MINE, '"device":FOREIGN,"device":MINE,', "Device number 1"),
        (_MINE, '"device":"MINE",', "Device number 1"),
        (_MINE, '"device":MINE.0,', "Device number 1"),
        (_MINE, '"device":MINEe0,', "Device number 1"),
        (_MINE, '"device":-1,', "Device number 1"),
        (_MINE, f'"device":{"9" * 40},', "Device number 1"),
        (_MINE, '"device":999999999999999999,', "engineer of all its devices"),
        ('"wave":0', '"wave":"0"', "Device number 1"),
        ('"wave":0', '"wave":0.4', "Device number 1"),
        ('"wave":0', '"wave":-1', "Device number 1"),
        ('"wave":0', '"wave":1000', "Device number 1"),
        ('"wave":0', '"wave":1', "wave of the plan is empty"),
        ('"wave":0', '"wave":null', "engineer of all its devices"),
        (_DEVICE, f"[{_DEVICE}]", "Device number 1"),
        (_DEVICE, f"{_DEVICE},{_DEVICE}", "names a device twice"),
        (_DEVICE, f"{_DEVICE}, {_DEVICE[:-1]} }}", "Device number 2"),
        ('"devices":[', '"devices":[],"devices":[', "has not the fields"),
        ('"undoes":null', '"undoes":null,"devices":[]', "has not the fields"),
        ('"undoes":null', '"undoes":"1"', "Undoes of the plan cannot be"),
        ('"undoes":null', '"undoes":1e99', "Undoes of the plan cannot be"),
        ('"version_id":', '"version_id":9', "names a version that there is not"),
        ('"concurrency":10', '"concurrency":"ten"', "Concurrency of the plan's settings cannot be"),
        ('"concurrency":10', '"concurrency":0', "Concurrency of the plan's settings cannot be"),
        ('"concurrency":10', '"concurrency":1e9', "Concurrency of the plan's settings cannot be"),
        ('"concurrency":10', '"concurrency":1,"concurrency":10', "settings has not the fields"),
        ('"idle_below":0.0', '"idle_below":NaN', "is no JSON"),
        ('"idle_below":0.0', '"idle_below":1e999', "Idle_below of the plan's settings cannot be"),
        ('"p_value":0.01', '"p_value":"no"', "P_value of the plan's gate cannot be"),
        ('"staging_s":600.0', '"staging_s":null', "Staging_s of the plan's times cannot be"),
        ('"reason":""', '"reason":"\\u0000"', "is no JSON"),
        ('"reason":""', '"reason":"\\ud800"', "is no JSON"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(
    factory: FirmwareSite, mine, foreign, was: str, becomes: str, says: str
) -> None:
    def filled(words: str) -> str:
        return words.replace("MINE", str(mine)).replace("FOREIGN", str(foreign))

    plan = written(factory, mine)
    assert filled(was) in plan
    with pytest.raises((Rejected, NotAllowed), match=says):
        saved(factory, plan.replace(filled(was), filled(becomes)))


@pytest.mark.parametrize("plan", ["", "null", "[]", "{}", "{" * 9999, '{"devices":[[' + "[" * 100_000])
def test_what_is_no_plan_is_refused(factory: FirmwareSite, plan: str) -> None:
    with pytest.raises(Rejected, match="The plan"):
        saved(factory, plan)


def test_a_plan_beyond_its_size_is_refused_before_it_is_read(factory: FirmwareSite, mine) -> None:
    plan = written(factory, mine)
    longest = plan.replace('"reason":""', f'"reason":"{"x" * (4 * 1024 * 1024 - len(plan))}"')
    assert len(longest) == 4 * 1024 * 1024
    saved(factory, longest)
    with pytest.raises(Rejected, match="at most 4 MiB"):
        saved(factory, longest.replace('"reason":"', '"reason":"x'))


def test_a_name_is_a_name(factory: FirmwareSite, mine) -> None:
    name = "'); DROP TABLE app.ota_rollouts; --"
    made = saved(factory, written(factory, mine), name)
    assert factory.seen(made).name == name
    for wrong, says in ((" ", "name"), ("x" * 201, "at most 200")):
        with pytest.raises(Rejected, match=says):
            saved(factory, written(factory, mine), wrong)


def test_a_plan_that_was_refused_leaves_every_list_as_it_was(factory: FirmwareSite, mine) -> None:
    with factory.engineers.transaction() as connection:
        before = load_heads(connection)
    with pytest.raises(Rejected):
        saved(factory, written(factory, mine).replace('"retries":2', '"retries":[]'))
    with factory.engineers.transaction() as connection:
        assert load_heads(connection) == before
        # And every plan that is stored can be read.
        assert len(rollouts.load_rollouts(connection)) == len(before)
