"""`main.py device certificate`: what a device's server shows, or what this station shows to it."""

import argparse
import json
from datetime import UTC, datetime

import msgspec

from console.commandline.device_asking import ask_device
from console.settings import Settings
from drivers.questions import OWN_CERTIFICATE, NothingMore
from drivers.workbench import CertificateFacts, Tool

ACTION = "certificate"


def add_certificate_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the action."""
    parser = actions.add_parser(
        ACTION, help="show the certificate of a device's server, or this station's own"
    )
    parser.add_argument("device_id", help="hardware id, as in the list")
    parser.add_argument(
        "--own",
        action="store_true",
        help="what this station shows to the server, as PEM, for its administrator",
    )
    parser.add_argument("--json", action="store_true", help="for programs")


def show_certificate(options: argparse.Namespace, settings: Settings) -> int:
    """Show a certificate; 1: something is wrong with it. Raises CommandError, DriverError, StorageError."""
    if options.own:
        (pem,) = ask_device(settings, options.device_id, OWN_CERTIFICATE, NothingMore())
        print(json.dumps({"pem": pem}) if options.json else str(pem).rstrip())
        return 0
    (facts,) = ask_device(settings, options.device_id, Tool.CERTIFICATE, NothingMore())
    assert isinstance(facts, CertificateFacts)
    print(msgspec.json.encode(facts).decode() if options.json else _text(facts))
    return 1 if facts.complaints else 0


def _text(facts: CertificateFacts) -> str:
    rows = (
        ("Issued to", facts.subject),
        ("Issued by", "itself" if facts.issuer == facts.subject else facts.issuer),
        ("For", ", ".join(facts.hosts) or "no host"),
        ("Valid", f"{_day(facts.not_before_unix)} to {_day(facts.not_after_unix)}"),
        ("SHA-256", facts.fingerprint),
    )
    lines = [f"{name:<11}{value}" for name, value in rows]
    return "\n".join([*lines, *(f"! {complaint}" for complaint in facts.complaints), "", facts.der_base64])


def _day(unix: float) -> str:
    return f"{datetime.fromtimestamp(unix, UTC):%Y-%m-%d}"
