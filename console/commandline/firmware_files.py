"""Writes signed bytes to a file, and beside it who signed them; read by `models/firmware/signed_files.py`."""

import json
from collections.abc import Iterable
from pathlib import Path

from console.commandline.command import CommandError
from console.whole_file import whole_file
from models.firmware.signed_files import signature_file
from models.firmware.signing import texts_from_signatures
from models.records.firmware import Signature


def write_signed(file: Path, data: bytes, signatures: Iterable[Signature]) -> None:
    """Write signed bytes, and their signatures beside them. Raises CommandError where that fails."""
    texts = json.dumps(texts_from_signatures(signatures), indent=2) + "\n"
    try:
        for path, content in ((file, data), (signature_file(file), texts.encode())):
            with whole_file(path) as part:
                part.write_bytes(content)
    except OSError as error:
        raise CommandError(f"{file} cannot be written ({error.strerror}).") from error
