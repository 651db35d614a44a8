"""Imports, undoing and restoring as the window orders them, on a real server under real logins."""

from contextlib import closing
from pathlib import Path

import pytest

from console.bridge.device_bulk import ImportDevices, RestoreDevice, UndoChange
from console.bridge.notification_commands import Sealing
from console.panels.devices.bulk.bulk_questions import Compared, ExportDevices, PlanDevices
from console.panels.devices.revisions.revision_questions import AskChanges, AskHistory
from models.credentials import MemoryStore
from models.database import Database
from models.errors import AlreadyDone, NeedsSetup, Rejected
from models.queries.catalogue import current_person, load_devices
from models.queries.signals import load_quantities
from models.records.person import Role
from models.workstation import WorkstationKeys
from tests.account_parts import Site

HEADER = "device_id,name,area,type,driver,host,unit,metric,address,warning.max"
PUMPS = "P-{1..3},Pump {1..3},Hall A,pump,modbus-tcp,10.0.3.{11..},1,temperature,holding:1,70"
METER = (
    "device_id,name,area,profile,driver,host,unit\n"
    "M-{1..2},Meter {1..},Hall,janitza-umg96rm,modbus-tcp,h{1..},1"
)


@pytest.fixture(scope="module")
def site(database_server):
    name = database_server.create()
    with closing(Site(Database(database_server.url_of(name), "tests"))) as made:
        yield made
    database_server.drop(name)


@pytest.fixture(scope="module")
def eva(site):
    return site.signed_in(site.add(Role.ADMIN, "eva@example.com", "Eva"))


@pytest.fixture
def file(tmp_path):
    def write(*lines: str) -> Path:
        path = tmp_path / "devices.csv"
        path.write_text("\n".join((HEADER, *lines)) if len(lines) else METER, encoding="utf-8")
        return path

    return write


def plan(database, source):
    with database.transaction() as connection:
        answer = PlanDevices(source, is_taking_results=False, tell=lambda _done, _total: None)(connection)
    assert isinstance(answer, Compared), answer
    return answer.plan


def order(database, command):
    with database.transaction() as connection:
        return command.apply(connection, current_person(connection))


def names(database):
    with database.transaction() as connection:
        return {device.device_id: device for device in load_devices(connection)}


def test_an_import_is_one_change_that_is_taken_back(eva, file):
    done = order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "A-")))))

    with eva.transaction() as connection:
        newest = AskChanges()(connection)[0]
    assert (newest.id, newest.added, newest.author) == (done.batch, 3, "Eva")
    undone = order(eva, UndoChange(done.batch))
    assert undone.undone == ("A-1", "A-2", "A-3")
    assert not {"A-1", "A-2", "A-3"} & names(eva).keys()


def test_a_profile_brings_its_signals_along(eva, file):
    made = plan(eva, file())
    done = order(eva, ImportDevices(made))

    with eva.transaction() as connection:
        assert load_quantities(connection).of("voltage_l1").unit == "V"
    assert (done.outcome.created, done.signals) == (2, len(made.signals))
    assert plan(eva, file()).counts_text == "2 unchanged"


def test_whoever_changed_a_device_meanwhile_is_named_and_nothing_is_stored(site, eva, file):
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "B-")))))
    mine = plan(eva, file(PUMPS.replace("P-", "B-").replace("Hall A", "Hall B"), PUMPS.replace("P-", "C-")))
    ole = site.signed_in(site.add(Role.ADMIN, name="Ole"))
    order(
        ole,
        ImportDevices(
            plan(
                ole,
                file(
                    PUMPS.replace("P-{1..3}", "B-{2..2}")
                    .replace("{1..3}", "{2..2}")
                    .replace("{11..}", "{99..}")
                ),
            )
        ),
    )

    with pytest.raises(AlreadyDone, match=r"^B-2 was changed by Ole at "):
        order(eva, ImportDevices(mine))

    assert names(eva)["B-1"].location == "Hall A"
    assert "C-1" not in names(eva)


def test_somebody_who_changed_a_limit_meanwhile_is_not_overwritten(eva, file):
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "D-")))))
    mine = plan(eva, file(PUMPS.replace("P-", "D-").replace(",70", ",75")))
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "D-").replace(",70", ",80")))))

    with pytest.raises(AlreadyDone, match=r"D-1 was changed by Eva at .*, after you had read it"):
        order(eva, ImportDevices(mine))


def test_a_plan_with_faults_is_stored_in_its_valid_part_only_if_that_is_asked_for(eva, file):
    made = plan(eva, file(PUMPS.replace("P-", "E-"), "F,F,H,pump,modbus-tcp,h,1,rpm,nowhere:1,"))

    with pytest.raises(Rejected, match="1 fault"):
        order(eva, ImportDevices(made))
    assert order(eva, ImportDevices(made, is_partial=True)).left_out == 1


def test_an_engineer_is_told_of_devices_that_are_somebody_elses(site, eva, file):
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "G-")))))
    anna = site.signed_in(site.add(Role.USER))

    made = plan(anna, file(PUMPS.replace("P-", "G-"), PUMPS.replace("P-", "H-")))

    assert made.counts_text == "3 new, 3 to mend"
    assert "G-1 belongs to somebody else" in made.all_faults[0].text
    order(anna, ImportDevices(made, is_partial=True))
    assert set(names(anna)) == {"H-1", "H-2", "H-3"}


def test_a_device_is_restored_and_its_history_says_so(eva, file):
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "I-")))))
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "I-").replace("Hall A", "Hall Z")))))
    device = names(eva)["I-2"]

    batch = order(eva, RestoreDevice(device.id, 1, 2))

    assert names(eva)["I-2"].location == "Hall A"
    with eva.transaction() as connection:
        history = AskHistory(device.id)(connection)
    assert [row.revision.number for row in history.rows] == [3, 2, 1]
    assert history.rows[0].revision.batch == batch


@pytest.fixture
def press(tmp_path):
    path = tmp_path / "press.csv"
    path.write_text(
        "device_id,name,area,type,driver,endpoint,username,password,metric,address\n"
        "Z,Z,Hall,press,opcua,opc.tcp://h:4840,eva,secret,temperature,ns=1;s=T",
        encoding="utf-8",
    )
    return path


def test_a_password_needs_a_way_to_encrypt(eva, press):
    with pytest.raises(NeedsSetup, match="without a way to encrypt"):
        order(eva, ImportDevices(plan(eva, press)))


def test_the_first_password_makes_the_key_and_says_who_else_needs_it(eva, press):
    store = MemoryStore()
    sealing = Sealing(lambda: WorkstationKeys(lambda: store, "here"), "office")

    done = order(eva, ImportDevices(plan(eva, press), sealing=sealing))

    assert "$sealed" in names(eva)["Z"].connection["password"]
    assert str(done).startswith("Devices: 1 added. The site's key for encrypted fields was made;")
    again = ImportDevices(plan(eva, press), sealing=sealing)
    assert order(eva, again).note == ""


@pytest.mark.parametrize("ending", ["csv", "xlsx", "json"])
def test_what_is_saved_comes_back_unchanged(eva, file, tmp_path, ending):
    order(eva, ImportDevices(plan(eva, file(PUMPS.replace("P-", "K-"))), is_partial=True))
    path = tmp_path / f"out.{ending}"

    with eva.transaction() as connection:
        told = ExportDevices(path, frozenset({"K-1", "K-3"}))(connection)

    assert told == f"2 devices saved as {path}."
    assert plan(eva, path).counts_text == "2 unchanged"
