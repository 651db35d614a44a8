"""`main.py firmware keygen|trust|keys|distrust|store`: who signs, and whom this computer believes."""

import argparse
import getpass
import os
import sys
from pathlib import Path

from console.commandline.command import CommandError
from console.commandline.password_prompt import asked_new_password
from console.commandline.table import table_text
from console.database_host import credential_store
from console.settings import Settings
from models.firmware.key_files import firmware_key_id, load_public_key, make_key_pair
from models.firmware.trusted_keys import distrust_key, load_trusted_keys, trust_key, trusted_dir
from models.objects.access import S3Credentials
from models.objects.store import keep_s3_credentials
from models.records.firmware import FirmwareKeyId


def add_key_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare them."""
    keygen = actions.add_parser("keygen", help="make a pair of keys: NAME.pem signs, NAME.pub.pem goes out")
    keygen.add_argument("name", metavar="NAME", type=Path, help="with folder, without ending")
    trust = actions.add_parser("trust", help="have this computer believe what a key signs")
    trust.add_argument("file", metavar="FILE", type=Path, help="NAME.pub.pem")
    trust.add_argument("--key-id", metavar="ID", help="as its owner read it out; asked for otherwise")
    actions.add_parser("keys", help="list the keys that this computer believes")
    distrust = actions.add_parser("distrust", help="have this computer believe a key no longer")
    distrust.add_argument("key_id", metavar="ID")
    store = actions.add_parser(
        "store", help="keep the keys of the bucket; the secret is asked for, or taken from CONSOLE_S3_SECRET"
    )
    store.add_argument("--access-key", required=True, metavar="ID")


def keygen(options: argparse.Namespace, settings: Settings) -> str:
    """Make a pair of keys."""
    del settings
    name: Path = options.name
    private, public = name.with_name(name.name + ".pem"), name.with_name(name.name + ".pub.pem")
    made = make_key_pair(private, public, asked_new_password(f"the key {name.name}"))
    return (
        f"{private} signs and stays here; {public} goes to every computer that shall believe it:\n"
        f"main.py firmware trust {public.name}\nIts id, to read out there:\n\n    {made}\n"
    )


def trust(options: argparse.Namespace, settings: Settings) -> str:
    """Have this computer believe a key, once its id was compared."""
    key = load_public_key(options.file)
    found = firmware_key_id(key)
    told = options.key_id or _asked_id(options.file)
    if "".join(told.split()).lower() != found:
        raise CommandError(
            f"That is not the id of {options.file}; nothing is believed. If it was read out correctly, "
            "somebody exchanged the file: find out by whom."
        )
    name = options.file.name.removesuffix(".pem").removesuffix(".pub")
    file = trust_key(settings.data_dir, name, key)
    return f"This computer believes what the key {found} signs ({file})."


def keys(options: argparse.Namespace, settings: Settings) -> str:
    """List trusted keys."""
    del options
    known = load_trusted_keys(settings.data_dir)
    if not known.by_id:
        folder = trusted_dir(settings.data_dir)
        return f"This computer believes no key yet, so it installs no firmware ({folder})."
    return table_text(("KEY", "NAME"), sorted((key, known.names[key]) for key in known.by_id))


def distrust(options: argparse.Namespace, settings: Settings) -> str:
    """Have this computer believe a key no longer."""
    if not distrust_key(settings.data_dir, FirmwareKeyId(options.key_id.lower())):
        raise CommandError(f"This computer does not believe the key {options.key_id}; main.py firmware keys.")
    return f"This computer believes the key {options.key_id.lower()} no longer."


def store(options: argparse.Namespace, settings: Settings) -> str:
    """Keep the keys of the bucket."""
    if not settings.s3_endpoint:
        raise CommandError(
            "Say first where the store is: s3_endpoint in settings.toml, as https://minio.plant.example:9000."
        )
    secret = asked_secret("CONSOLE_S3_SECRET", f"Secret key of {options.access_key}: ")
    credentials = credential_store(settings)
    keep_s3_credentials(credentials, settings.s3_endpoint, S3Credentials(options.access_key, secret))
    return f"The keys for {settings.s3_endpoint} are kept in {credentials.place}."


def asked_secret(variable: str, prompt: str) -> str:
    """Return a secret: from a variable, typed at the terminal, or a line of standard input.

    Raises:
        CommandError: There is none.
    """
    if given := os.environ.get(variable):
        return given
    given = getpass.getpass(prompt) if sys.stdin.isatty() else sys.stdin.readline().rstrip("\r\n")
    if not given:
        raise CommandError(
            f"{prompt.rstrip(': ')} is missing: put it into {variable}, write it to standard input, or run "
            "this at a terminal."
        )
    return given


def _asked_id(file: Path) -> str:
    if not sys.stdin.isatty():
        raise CommandError(
            f"Nobody is here to compare the id of {file}: run this at a terminal, or give what its owner "
            "read out with --key-id."
        )
    # Typed, not confirmed: who has to type it has asked for it.
    return input(f"Type the id that the owner of {file.name} reads out: ")
