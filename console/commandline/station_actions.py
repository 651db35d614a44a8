"""What can be asked of `main.py station` besides running it; what it does is in `station_accounts`.

Apart from that, because every start of a station reads this, and few need a database for it.
"""

import argparse

from console.commandline.station_service import add_service


def add_actions(parser: argparse.ArgumentParser) -> None:
    """Add the sub-commands; without one the station runs."""
    actions = parser.add_subparsers(dest="action", metavar="ACTION", title="actions")
    enroll = actions.add_parser("enroll", help="give this computer's station a login of its own")
    enroll.add_argument("--name", metavar="NAME", help="how people call it (this computer's name)")
    enroll.add_argument(
        "--replace", action="store_true", help="take over the login of a station that has this name already"
    )
    actions.add_parser("list", help="every station, and when it was last heard of")
    for name, summary in (
        ("disable", "let a station record no longer"),
        ("enable", "let a station record again"),
    ):
        actions.add_parser(name, help=summary).add_argument("station", metavar="NAME")
    add_service(actions.add_parser("service", help="the station under systemd: print, install or remove it"))
