"""Asking one device from a terminal, without a station: over a connection of this process alone.

It needs the database for the device's settings and the person's rights, nothing else. A device that allows a
single connection refuses it while a station polls.
"""

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from console.catalogue.binding import OpenSecret
from console.catalogue.sealing import holds_secrets
from console.commandline.command import CommandError
from console.settings import Settings
from console.station.workbench.errors import NotDone
from console.station.workbench.question import Bound, Question, bound
from console.station.workbench.rights import check_writing
from console.station.workbench.work import answers
from console.storage import open_storage
from console.workstation_keys import workstation_keys
from drivers.driver import DriverHub, DriverSpec
from drivers.errors import AddressError
from models.queries.catalogue import current_person, load_devices
from models.records.device import Device
from models.records.person import Role
from models.secrets import NO_KEYS

OPERATORS_DO_NOT = "Operators ask nothing of devices; sign in as its owner or as an administrator."

BeforeAsking = Callable[[Connection, Device], None]
"""Does what has to be stored before a device is asked; committed by then."""


def ask_device(
    settings: Settings,
    hardware_id: str,
    tool: str,
    subject: msgspec.Struct,
    on_part: Callable[[Any], None] = lambda _: None,
    before: BeforeAsking | None = None,
    then: Callable[[Any], msgspec.Struct | None] = lambda _: None,
) -> list[Any]:
    """Ask a stored device, and return every record that it answered.

    Args:
        settings: Name the database and the data folder.
        hardware_id: The device's.
        tool: A key of `drivers.questions.QUESTIONS`.
        subject: Of that tool's type.
        on_part: Gets each record as it comes.
        before: Called first, in a transaction of the person's own.
        then: Gets the last record, and returns what to ask next over the same connection; None = no more.

    Raises:
        CommandError: No such device, the person may not, its settings do not fit, or the protocol does not
            offer it.
        DriverError: As the device's driver says it.
        StorageError: As the database says it.
    """
    keys = workstation_keys(settings)
    with open_storage(settings, f"console device {tool}") as database:
        with database.transaction() as connection:
            person = current_person(connection)
            devices = load_devices(connection)
            device = next((device for device in devices if device.device_id == hardware_id), None)
            box = keys.open_box(connection) if device and holds_secrets(device) else NO_KEYS
        if person.role is Role.OPERATOR:
            raise CommandError(OPERATORS_DO_NOT)
        if device is None:
            raise CommandError(f"No device has the id {hardware_id!r}; main.py device list shows them all.")
        ready = _ready(device, tool, subject, box.open)
        if before is not None:
            with database.transaction() as connection:
                before(connection, device)
    try:
        return asyncio.run(_ask(settings, tool, subject, ready, on_part, then))
    except (NotDone, AddressError) as error:
        raise CommandError(str(error)) from error


def _ready(device: Device, tool: str, subject: msgspec.Struct, open_secret: OpenSecret) -> Bound:
    encode = msgspec.json.encode
    question = Question(
        tool, device.driver, encode(dict(device.connection)), encode(subject), device.device_id
    )
    try:
        check_writing(question, device)
        return bound(question, device, open_secret)
    except NotDone as error:
        raise CommandError(str(error)) from error


async def _ask(
    settings: Settings,
    tool: str,
    subject: msgspec.Struct,
    ready: Bound,
    on_part: Callable[[Any], None],
    then: Callable[[Any], msgspec.Struct | None],
) -> list[Any]:
    hubs: dict[str, DriverHub] = {}

    async def hub_of(spec: DriverSpec) -> DriverHub:
        if spec.kind not in hubs:
            hubs[spec.kind] = spec.kept_in(settings.pki_dir).make_hub()
        return hubs[spec.kind]

    records: list[Any] = []
    asked: msgspec.Struct | None = subject
    try:
        while asked is not None:
            async with aclosing(answers(tool, asked, ready, hub_of)) as parts:
                async for record in parts:
                    records.append(record)
                    on_part(record)
            asked = then(records[-1]) if records else None
    finally:
        for hub in hubs.values():
            await hub.close()
    return records
