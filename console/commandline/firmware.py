"""`main.py firmware`: versions that are signed, verified, released and withdrawn."""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from console.commandline.command import Command, CommandError
from console.commandline.firmware_keys import add_key_actions, distrust, keygen, keys, store, trust
from console.commandline.firmware_listing import list_versions, show_version
from console.commandline.firmware_rollout import add_rollout_action, rollout
from console.commandline.firmware_signing import add_signing_actions, permit, sign, told, verify_files
from console.image_access import image_access
from console.settings import Settings
from console.storage import open_storage
from models.database import Database
from models.firmware.signed_files import FirmwareFiles, read_signed
from models.firmware.signing import verify_permit
from models.firmware.trusted_keys import load_trusted_keys
from models.firmware_release import Judge, release_version, verified_version
from models.firmware_upload import Leg, Progress, upload_version
from models.queries.firmware_versions import (
    add_permit,
    add_signatures,
    ask_for_signatures,
    deprecate_version,
    load_version,
    remove_draft,
    signing_rule,
)

_EXAMPLES = """Example: main.py firmware keygen release
         main.py firmware trust release.pub.pem
         main.py firmware sign drive-a.bin --product drive-a --hardware rev-b --version 2.1.0 --sequence 12
             --way modbus-file-record --profile drive-a.json --key release.pem
         main.py firmware verify drive-a.bin
         main.py firmware upload drive-a.bin --to s3://firmware
         main.py firmware release 2.1.0+drive-a

exit codes: 0 done · 1 not done, and why on stderr · 2 the call itself is wrong"""


_EXAMPLE_OF = {
    "keygen": "release",
    "trust": "release.pub.pem",
    "keys": "",
    "distrust": "9f86d081884c7d659a2feaa0c55ad015",
    "store": "--access-key console",
    "sign": "drive-a.bin --manifest drive-a.bin.manifest --key second.pem",
    "verify": "2.1.0+drive-a",
    "permit": "back.permit --product drive-a --from 2.1.0 --to 2.0.3 --days 7 --key release.pem",
    "upload": "drive-a.bin --to s3://firmware --notes notes.txt",
    "countersign": "2.1.0+drive-a drive-a.bin.manifest",
    "release": "2.1.0+drive-a",
    "deprecate": "2.0.3+drive-a",
    "remove": "2.1.0+drive-a",
    "list": "--product drive-a",
    "show": "2.1.0+drive-a",
    "allow": "back.permit",
    "signatures": "2",
}


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.epilog = _EXAMPLES
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    actions = parser.add_subparsers(dest="action", metavar="ACTION", required=True)
    add_key_actions(actions)
    add_signing_actions(actions)
    one = argparse.ArgumentParser(add_help=False)
    one.add_argument("version", metavar="VERSION", help="with its product, as 2.1.0+drive-a")
    upload = actions.add_parser("upload", help="store a signed image and add its version as a draft")
    upload.add_argument("image", metavar="IMAGE", type=Path)
    upload.add_argument("--manifest", type=Path, metavar="FILE", help="IMAGE.manifest by default")
    upload.add_argument(
        "--to", metavar="URL", help="s3://bucket/folder or file:///folder; firmware_store by default"
    )
    upload.add_argument("--url", help="https:// address where the image lies already, instead of --to")
    upload.add_argument("--notes", type=Path, metavar="FILE", help="release notes, as text")
    countersign = actions.add_parser(
        "countersign", parents=[one], help="add the signatures of a manifest to a draft"
    )
    countersign.add_argument("manifest", metavar="MANIFEST", type=Path)
    actions.add_parser("release", parents=[one], help="verify a draft once more and let it be rolled out")
    actions.add_parser("deprecate", parents=[one], help="let a released version be rolled out no more")
    actions.add_parser("remove", parents=[one], help="remove a draft")
    listing = actions.add_parser("list", help="list all versions, by product, newest first")
    listing.add_argument("--product", default="")
    listing.add_argument("--format", choices=("table", "json"), default="table")
    actions.add_parser("show", parents=[one], help="show one version, its signatures and its notes")
    allow = actions.add_parser("allow", help="hand in a signed permit to go back")
    allow.add_argument("permit", metavar="FILE", type=Path)
    needed = actions.add_parser("signatures", help="decide how many different signatures the site asks for")
    needed.add_argument("number", type=int, choices=(1, 2))
    add_rollout_action(actions)
    for name, example in _EXAMPLE_OF.items():
        actions.choices[name].epilog = f"Example: main.py firmware {name} {example}".rstrip()


def _run(options: argparse.Namespace, settings: Settings) -> int:
    action: str = options.action
    if action in _BY_HAND and not (action == "verify" and not Path(options.target).exists()):
        print(_BY_HAND[action](options, settings))
        return 0
    with open_storage(settings, f"console firmware {action}") as database:
        print(_STORED[action](options, settings, database))
    return 0


def _judge(settings: Settings) -> Judge:
    return Judge(load_trusted_keys(settings.data_dir), image_access(settings), settings.firmware_signatures)


def _upload(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    place = options.url or options.to or settings.firmware_store
    if not place:
        raise CommandError(
            "Say where the image goes: --to s3://bucket/folder, or firmware_store in settings.toml."
        )
    if options.url and not options.url.startswith("https://"):
        raise CommandError(
            "--url is for an image that lies on a web server: https://…; use --to for the others."
        )
    files = FirmwareFiles(options.image, options.manifest, options.notes)
    size = max(options.image.stat().st_size, 1) if options.image.exists() else 1
    added = upload_version(database, _judge(settings), files, place, _progress(size))
    return f"{added.version} was added as a draft: {added.firmware_url}"


def _countersign(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    del settings
    signed = read_signed(options.manifest)
    with database.transaction() as connection:
        stored = load_version(connection, options.version)
        if stored.manifest != signed.data:
            raise CommandError(
                f"{options.manifest} is not the manifest of {stored.version} that was uploaded."
            )
        add_signatures(connection, stored.id, signed.signatures)
        stored = load_version(connection, options.version)
    return f"{stored.version} is signed by {', '.join(one.key for one in stored.signatures)}."


def _verify(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    stored, manifest = verified_version(database, _judge(settings), options.target)
    return f"{told(manifest)}\nGenuine: signed by {', '.join(one.key for one in stored.signatures)}."


def _release(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    released = release_version(database, _judge(settings), options.version)
    return f"{released.version} is released."


def _deprecate(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    del settings
    with database.transaction() as connection:
        deprecate_version(connection, load_version(connection, options.version).id)
    return f"{options.version} is deprecated; devices that run it go on."


def _remove(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    del settings
    with database.transaction() as connection:
        stored = load_version(connection, options.version)
        remove_draft(connection, stored.id)
    return f"The draft {stored.version} was removed; its image stays at {stored.firmware_url}."


def _allow(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    signed = read_signed(options.permit)
    judge = _judge(settings)
    with database.transaction() as connection:
        rule = signing_rule(connection)
        permit = verify_permit(signed.data, signed.signatures, judge.trusted, rule.now, judge.needed(rule))
        add_permit(connection, signed.data, signed.signatures)
    return f"{permit.product} may go back from {permit.from_version} to {permit.to_version}."


def _signatures(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    del settings
    with database.transaction() as connection:
        ask_for_signatures(connection, options.number)
    words = "one signature" if options.number == 1 else "two signatures of different keys"
    return f"A release needs {words} from now on."


def _progress(size: int) -> Progress:
    """Return what shows how far an upload is; on a terminal only, for nobody else wants the lines."""

    def show(leg: Leg, done: int) -> None:
        if sys.stderr.isatty():
            end = "\n" if done >= size else ""
            print(f"\r{leg} {min(done / size, 1):.0%}", end=end, file=sys.stderr, flush=True)

    return show


_BY_HAND: dict[str, Callable[[argparse.Namespace, Settings], str]] = {
    "keygen": keygen,
    "trust": trust,
    "keys": keys,
    "distrust": distrust,
    "store": store,
    "sign": sign,
    "verify": verify_files,
    "permit": permit,
}
"""Work with files of this computer alone: a release computer has no database."""

_STORED: dict[str, Callable[[argparse.Namespace, Settings, Database], str]] = {
    "verify": _verify,
    "upload": _upload,
    "countersign": _countersign,
    "release": _release,
    "deprecate": _deprecate,
    "remove": _remove,
    "list": list_versions,
    "show": show_version,
    "allow": _allow,
    "signatures": _signatures,
    "rollout": rollout,
}

COMMAND = Command(_add_arguments, _run, "main.py firmware list")
