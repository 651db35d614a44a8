"""Sending an image as records of files, and reading it back before anything is made of it."""

from collections.abc import Iterator

from pydantic import BaseModel

from drivers.driver import DriverHub
from drivers.errors import LineLost, NeedsHuman, Refused
from drivers.firmware.modbus.target import ModbusTarget
from drivers.firmware.modbus_file_record import FileRecordProfile
from drivers.firmware.target import Image, Progress
from drivers.modbus.file_records import (
    DATA_AT,
    LAST_FILE,
    ReadRecordsRequest,
    read_records,
    write_records,
)
from drivers.modbus.requests import Request


class FileRecordTarget(ModbusTarget):
    """A device that takes its firmware as files."""

    def __init__(self, hub: DriverHub, settings: BaseModel, profile: FileRecordProfile) -> None:
        super().__init__(hub, settings, profile)
        self._files = profile

    @property
    def block_size(self) -> int:
        """Bytes of one block."""
        return 2 * self._files.registers_per_request

    def check(self, image: Image) -> None:
        """Raise NeedsHuman where the image has more files than there are."""
        profile = self._files
        files = -(-len(image.data) // (2 * profile.registers_per_file))
        if profile.first_file + files - 1 > LAST_FILE:
            raise NeedsHuman(
                f"The image needs {files} files from {profile.first_file} on, and Modbus has {LAST_FILE}; "
                "correct the update profile."
            )

    async def send(self, data: bytes, start: int, progress: Progress) -> None:
        """Write the records, one request a block."""
        unit = self.talk.settings.unit
        sent = start

        def heed(at: int) -> None:
            nonlocal sent
            progress(at)
            sent = at

        writes = (
            (at, write_records(unit, file, record, data[at : at + 2 * count]))
            for at, file, record, count in self._blocks(len(data), start)
        )
        try:
            await self.talk.send(writes, self.at_once, heed)
        except Refused as no:
            raise Refused(f"{no} {sent} of {len(data)} bytes were sent.") from no

    async def verify(self, data: bytes, progress: Progress) -> None:
        """Read the records back, where the profile wants that."""
        if not self._files.is_read_back:
            return
        unit = self.talk.settings.unit
        places = {(file, record): at for at, file, record, _ in self._blocks(len(data), 0)}
        reads = (
            (len(data), read_records(unit, file, record, count))
            for _, file, record, count in self._blocks(len(data), 0)
        )

        def compare(request: Request, payload: bytes) -> None:
            assert isinstance(request, ReadRecordsRequest)  # Those made above come back.
            at = places[request.file, request.record]
            end = at + 2 * request.count
            if payload[DATA_AT:] != data[at:end]:
                raise LineLost(
                    f"{self.talk.who} holds something else than was sent in bytes {at} to {end - 1} (file "
                    f"{request.file} from record {request.record}); nothing was installed, the transfer has "
                    "to begin anew."
                )

        await self.talk.send(reads, self.at_once, progress, compare)

    def _blocks(self, size: int, start: int) -> Iterator[tuple[int, int, int, int]]:
        """Yield (byte, file, record, registers) of each request; none goes beyond the end of a file."""
        profile = self._files
        per_file, most = profile.registers_per_file, profile.registers_per_request
        at = start // 2
        while at < size // 2:
            file, inside = divmod(at, per_file)
            count = min(most, per_file - inside, size // 2 - at)
            record = inside if profile.counts == "registers" else inside // most
            yield 2 * at, profile.first_file + file, profile.first_record + record, count
            at += count
