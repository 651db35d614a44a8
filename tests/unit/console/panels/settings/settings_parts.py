"""A bridge that asks a real database, and a site full of people."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject
from sqlalchemy import text

from console.bridge.command_runner import CommandRunner, Job
from models.database import Database
from models.queries.people import current_person
from models.records.person import Person, Role
from tests.account_parts import Site
from tests.unit.console.fake_bridge import FakeBridge

NAMES = (
    "Anna Berg",
    "José Ñúñez",
    "王小明",
    "محمد عبد الله",
    "דוד כהן",
    "Zoë 👩‍🔧 Müller",
    "Robert'); DROP TABLE users;--",
    "<b>Bold</b> Person",
    "Ольга Иванова",
    "N" * 255,
    "Maximiliane von und zu Hohenstein-Waldburg-Zeil-Trauchburg",
)


class DatabaseBridge(FakeBridge):
    """Answers from a database, on worker threads, as one person."""

    def __init__(self, database: Database, person: Person, now_unix: float) -> None:
        super().__init__(now_unix)
        self.runner = CommandRunner(self)
        self.runner.use(database)
        self.set_person(person)

    def ask(self, question: Any, on_done: Any, on_failed: Any, owner: QObject) -> None:
        self.runner.run(Job(question, on_done, on_failed, owner))

    def command(self, command: Any, on_done: Any, on_failed: Any, owner: QObject) -> None:
        def take(result: Any) -> None:
            on_done(result)
            # The real one hears it from the database.
            self.people_changed.emit()

        self.ask(
            lambda connection: command.apply(connection, current_person(connection)), take, on_failed, owner
        )


@contextmanager
def bridge_of(site: Site, person: Person, now_unix: float) -> Iterator[DatabaseBridge]:
    """Lend a bridge that works as a person of the site."""
    bridge = DatabaseBridge(site.signed_in(person), person, now_unix)
    try:
        yield bridge
    finally:
        bridge.runner.stop()


def populate(site: Site, count: int = 40) -> Person:
    """Fill a site with people whose names are hard to show; return the administrator."""
    admin = site.add(Role.ADMIN, "eva.lind@example.org", "Eva Lind")
    roles = list(Role)
    for number in range(count - 1):
        name = NAMES[number] if number < len(NAMES) else f"Person {number}"
        site.add(roles[number % 3], f"person.{number}@plant.example.org", name)
    with site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.users SET is_active = false WHERE id % 7 = 0 AND email LIKE 'person%'")
        )
    return replace(admin)


def write_history(site: Site, person: Person, entries: int) -> None:
    """Let a person change devices until the audit trail has about as many entries."""
    database = site.signed_in(person)
    with database.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO app.devices (device_id, name, type, location, metadata) "
                "SELECT 'DRIVE-' || n, 'Drive ' || n, 'drive', 'Hall A', "
                "  jsonb_build_object('driver', 'modbus-tcp') FROM generate_series(1, 50) AS n"
            )
        )
    for step in range(entries // 50):
        with database.transaction() as connection:
            connection.execute(
                text("UPDATE app.devices SET location = :area, name = name || ''"),
                {"area": f"Hall {'ABCD'[step % 4]}{step}"},
            )
