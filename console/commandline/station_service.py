"""`main.py station service print | install | remove`: the station under the system's service manager."""

import argparse
import os
import sys
from pathlib import Path

from console.commandline.command import CommandError
from console.settings import Settings

_MAIN = Path(__file__).resolve().parents[2] / "main.py"


def add_service(parser: argparse.ArgumentParser) -> None:
    """Add what can be done with the service."""
    parser.add_argument("deed", choices=("print", "install", "remove"), help="show its unit; or, as root, …")
    parser.add_argument("--user", metavar="NAME", help="whom the station runs as (you, also through sudo)")


def run_service(options: argparse.Namespace, settings: Settings) -> int:
    """Print the unit, put it in place, or remove it. Raises CommandError."""
    if sys.platform != "linux":
        raise CommandError("Services are written for systemd only, which this system does not have.")
    # Here, not above: it asks for accounts in a way that only POSIX knows.
    from installer.systemd import NAME, NoService, account_of, install, remove, unit_text

    try:
        if options.deed == "remove":
            print(f"{NAME} was removed." if remove() else f"There is no {NAME}.")
            return 0
        if os.environ.get("CONSOLE_DATABASE_URL") or options.database:
            raise CommandError(
                "A service knows neither CONSOLE_DATABASE_URL nor --database, and its unit is no place for a "
                f'password: put database_url = "…" into {settings.settings_file}, then run this without them.'
            )
        text = unit_text(Path(sys.executable), _MAIN, settings.data_dir, account_of(options.user))
        if options.deed == "print":
            sys.stdout.write(text)
            return 0
        print(f"{install(text)} was written, enabled and started; see: systemctl status {NAME}")
    except NoService as error:
        raise CommandError(str(error)) from error
    return 0
