"""`main.py firmware sign|verify|permit`: on the release computer, without a database."""

import argparse
import hashlib
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import cast

from pydantic import ValidationError

from console.commandline.command import CommandError
from console.commandline.firmware_files import write_signed
from console.commandline.firmware_keys import asked_secret
from console.settings import Settings
from drivers.firmware.registry import WAYS, way_of
from models.firmware.key_files import load_private_key
from models.firmware.manifest import manifest_bytes, manifest_from_bytes
from models.firmware.permits import permit_bytes
from models.firmware.signed_files import bounded_content, manifest_file, read_image, read_signed
from models.firmware.signing import sign_manifest, sign_permit, verify
from models.firmware.trusted_keys import load_trusted_keys
from models.records.device import JsonValue
from models.records.firmware import ANY_SERIAL, MOST_IMAGE_BYTES, DowngradePermit, Manifest, Signature

_DAYS = 365
_MOST_PROFILE_BYTES = 64 * 1024


def add_signing_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare them."""
    key = argparse.ArgumentParser(add_help=False)
    key.add_argument(
        "--key",
        type=Path,
        required=True,
        metavar="FILE",
        help="private key; its password is asked for, or taken from CONSOLE_KEY_PASSWORD",
    )
    days = argparse.ArgumentParser(add_help=False)
    days.add_argument("--days", type=int, default=_DAYS, help=f"valid for so long; {_DAYS} by default")

    sign = actions.add_parser("sign", parents=[key, days], help="write and sign the manifest of an image")
    sign.add_argument("image", metavar="IMAGE", type=Path)
    sign.add_argument(
        "--manifest",
        type=Path,
        metavar="FILE",
        help="sign this one too, as the second person; nothing else is given then",
    )
    sign.add_argument("--product", help="what the device says it is, as drive-a")
    sign.add_argument("--hardware", action="append", metavar="REVISION", help="may be given several times")
    sign.add_argument("--version", help="as 2.1.0")
    sign.add_argument("--sequence", type=int, help="higher than that of every release before")
    sign.add_argument(
        "--from", dest="minimum_from", default="", metavar="VERSION", help="earliest to update from"
    )
    sign.add_argument("--way", help=", ".join(way.kind for way in WAYS))
    sign.add_argument(
        "--profile", type=Path, metavar="FILE", help="JSON of what the way must know of the product"
    )
    sign.add_argument("--output", type=Path, metavar="FILE", help="IMAGE.manifest by default")

    check = actions.add_parser("verify", help="check an image and its manifest, or a stored version")
    check.add_argument("target", metavar="IMAGE|VERSION", help="a file, or a version such as 2.1.0+drive-a")
    check.add_argument("--manifest", type=Path, metavar="FILE", help="IMAGE.manifest by default")
    check.add_argument("--needed", type=int, choices=(1, 2), default=1, help="so many different signatures")

    permit = actions.add_parser("permit", parents=[key, days], help="write and sign a permit to go back")
    permit.add_argument("output", metavar="FILE", type=Path)
    permit.add_argument("--product", required=True)
    permit.add_argument("--serial", default=ANY_SERIAL, help="of one device; any by default")
    permit.add_argument("--from", dest="from_version", required=True, metavar="VERSION", help="what runs")
    permit.add_argument("--to", dest="to_version", required=True, metavar="VERSION", help="what may follow")


def sign(options: argparse.Namespace, settings: Settings) -> str:
    """Write and sign a manifest, or sign one that somebody else wrote."""
    del settings
    signatures: tuple[Signature, ...] = ()
    if options.manifest is not None:
        file = options.manifest
        before = read_signed(file)
        data, signatures = before.data, before.signatures
        read_image(options.image, manifest_from_bytes(data))
    else:
        file = options.output or manifest_file(options.image)
        if file.exists():
            raise CommandError(
                f"{file} exists already; sign it too with --manifest {file}, or choose --output."
            )
        data = manifest_bytes(_manifest(options))
    # Shown before the password is asked for: nobody signs the unread.
    print(told(manifest_from_bytes(data)))
    key = load_private_key(
        options.key, asked_secret("CONSOLE_KEY_PASSWORD", f"Password of {options.key.name}: ")
    )
    made = sign_manifest(data, key)
    signatures = (*(one for one in signatures if one.key != made.key), made)
    write_signed(file, data, signatures)
    return f"Signed by {', '.join(one.key for one in signatures)}: {file}"


def verify_files(options: argparse.Namespace, settings: Settings) -> str:
    """Check an image against its manifest, by the keys and the clock of this computer."""
    image = Path(options.target)
    signed = read_signed(options.manifest or manifest_file(image))
    trusted = load_trusted_keys(settings.data_dir)
    needed = max(options.needed, settings.firmware_signatures)
    manifest = verify(signed.data, signed.signatures, trusted, datetime.now(UTC), needed)
    read_image(image, manifest)
    return f"{told(manifest)}\nGenuine: signed by {', '.join(one.key for one in signed.signatures)}."


def permit(options: argparse.Namespace, settings: Settings) -> str:
    """Write and sign a permit to go back."""
    del settings
    if options.output.exists():
        raise CommandError(f"{options.output} exists already; choose another name.")
    wanted = DowngradePermit(
        options.product, options.serial, options.from_version, options.to_version, _expiry(options.days)
    )
    data = permit_bytes(wanted)
    key = load_private_key(
        options.key, asked_secret("CONSOLE_KEY_PASSWORD", f"Password of {options.key.name}: ")
    )
    write_signed(options.output, data, [sign_permit(data, key)])
    return (
        f"{options.output} permits {wanted.product} (serial {wanted.serial}) to go back from "
        f"{wanted.from_version} to {wanted.to_version}, until {wanted.expires_at:%Y-%m-%d}; main.py firmware "
        f"allow {options.output} hands it in."
    )


def told(manifest: Manifest) -> str:
    """Return what a manifest says, for people."""
    return "\n".join(
        (
            f"{manifest.full_version}, sequence {manifest.sequence}",
            f"  hardware  {', '.join(manifest.hardware)}",
            f"  from      {manifest.minimum_from or 'any version'}",
            f"  image     {manifest.size:,} bytes, SHA-256 {manifest.sha256.hex()}",
            f"  expires   {manifest.expires_at:%Y-%m-%d %H:%M} UTC",
            f"  delivery  {manifest.way}",
        )
    )


def _manifest(options: argparse.Namespace) -> Manifest:
    wanted = ("product", "hardware", "version", "sequence", "way")
    if missing := [name for name in wanted if not getattr(options, name)]:
        raise CommandError(f"Say of the new manifest: {', '.join('--' + name for name in missing)}.")
    image = bounded_content(options.image, MOST_IMAGE_BYTES)
    return Manifest(
        product=options.product,
        hardware=tuple(sorted(set(options.hardware))),
        version=options.version,
        sequence=options.sequence,
        minimum_from=options.minimum_from,
        size=len(image),
        sha256=hashlib.sha256(image).digest(),
        expires_at=_expiry(options.days),
        way=options.way,
        profile=_profile(options.way, options.profile),
    )


def _profile(way: str, file: Path | None) -> dict[str, JsonValue]:
    """Return the profile, once the way has understood it: it is signed as it stands, not as it was read."""
    try:
        chosen = way_of(way)
    except KeyError as error:
        raise CommandError(f"{str(error.args[0]).rstrip('.')}.") from error
    try:
        profile = json.loads(bounded_content(file, _MOST_PROFILE_BYTES)) if file is not None else {}
    except ValueError as error:
        raise CommandError(f"The profile {file} is no JSON: {error}.") from error
    if not isinstance(profile, dict):
        raise CommandError(f"The profile {file} must be a JSON object.")
    try:
        chosen.profile_type.model_validate(profile)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(map(str, first["loc"])) or "profile"
        raise CommandError(
            f"The profile for {chosen.label} does not fit: {place}: {first['msg']}."
        ) from error
    return cast("dict[str, JsonValue]", profile)


def _expiry(days: int) -> datetime:
    try:
        return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)
    except OverflowError as error:
        raise CommandError(f"--days {days} lies beyond every calendar.") from error
