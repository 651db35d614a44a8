"""`main.py firmware rollout`: many devices, wave by wave; planned, approved, stopped and looked at.

A rollout is a matter between persons: whoever planned one cannot approve it. So the commands work as the
person of `--as`, and the database decides what they may.
"""

import argparse
from collections.abc import Callable

from sqlalchemy.engine import Connection

from console.commandline.command import CommandError
from console.commandline.firmware_rollout_plan import add_plan_action, plan_it
from console.commandline.firmware_rollout_show import add_show_actions, list_rollouts, report, show_rollout
from console.settings import Settings
from models.database import Database
from models.queries import rollouts
from models.records.rollout import Rollout, RolloutId

_EXAMPLES = """A rollout on the command line:
  main.py firmware rollout plan 2.1.0+drive-a --name "Hall B" --save --as anna@plant.example
  main.py firmware rollout submit 7 --as anna@plant.example
  main.py firmware rollout approve 7 --hash 9f86d081 --reason "tested in the lab" --as boris@plant.example
  main.py firmware rollout start 7 --as anna@plant.example
  main.py firmware rollout show 7
  main.py firmware rollout report 7 --pdf drives.pdf"""

_LEAST_DIGITS = 8
_HASH = "first digits of the plan's hash, as plan and show print it"

_EXAMPLE_OF = {
    "submit": "7",
    "approve": '7 --hash 9f86d081 --reason "tested in the lab"',
    "return": '7 --reason "not during the night shift"',
    "start": "7",
    "pause": '7 --reason "shift change"',
    "resume": "7",
    "halt": '7 --reason "press 4 smells"',
    "override": '7 --reason "it was the oven"',
    "agree": "7",
    "soak-again": "7",
    "abort": '7 --reason "another build comes on Monday"',
    "list": "--format json",
    "show": "7 --plan",
    "report": "7 --pdf drives.pdf",
}


def add_rollout_action(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare it."""
    rollout = actions.add_parser(
        "rollout",
        help="bring a version to many devices, wave by wave",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    orders = rollout.add_subparsers(dest="order", metavar="ORDER", required=True)
    number = argparse.ArgumentParser(add_help=False)
    number.add_argument("number", type=_number, metavar="N", help="number of the rollout, as list shows it")
    reason = argparse.ArgumentParser(add_help=False)
    reason.add_argument(
        "--reason", required=True, metavar="TEXT", help="stands in the journal and the report"
    )
    add_plan_action(orders)
    orders.add_parser("submit", parents=[number], help="ask a second person to approve the plan")
    approve = orders.add_parser("approve", parents=[number], help="approve the plan with this hash")
    approve.add_argument("--hash", required=True, metavar="H", help=_HASH)
    approve.add_argument("--reason", default="", metavar="TEXT", help="stands in the journal and the report")
    orders.add_parser("return", parents=[number, reason], help="give the plan back to whoever planned it")
    orders.add_parser("start", parents=[number], help="begin with the first wave of an approved plan")
    orders.add_parser("pause", parents=[number, reason], help="begin no further device")
    orders.add_parser("resume", parents=[number], help="go on after a pause")
    orders.add_parser("halt", parents=[number, reason], help="stop; going on takes two persons")
    orders.add_parser(
        "override", parents=[number, reason], help="ask to go on after a halt, or past a held wave"
    )
    orders.add_parser("agree", parents=[number], help="agree, as a second person, to going on")
    orders.add_parser("soak-again", parents=[number], help="watch a held wave for once more its time")
    orders.add_parser("abort", parents=[number, reason], help="give up what has not begun")
    add_show_actions(orders, number)
    for name, more in _EXAMPLE_OF.items():
        orders.choices[name].epilog = f"Example: main.py firmware rollout {name} {more}".rstrip()


def rollout(options: argparse.Namespace, settings: Settings, database: Database) -> str:
    """Do what was asked; return what to print."""
    if options.order in _SHOWN:
        return _SHOWN[options.order](options, settings, database)
    if options.order == "plan":
        return plan_it(options, settings, database)
    do, done = _ORDERS[options.order]
    with database.transaction() as connection:
        found = rollouts.load_rollout(connection, options.number)
        do(connection, found, options)
    return f"{found.name} (rollout {found.id}) {done}"


def _number(text: str) -> RolloutId:
    if not text.isascii() or not text.isdecimal() or not 0 < int(text) < 2**63:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of a rollout")
    return RolloutId(int(text))


def _approve(conn: Connection, found: Rollout, options: argparse.Namespace) -> None:
    shown, typed = found.plan_hash.hex(), options.hash.strip().casefold()
    if len(typed) < _LEAST_DIGITS or not shown.startswith(typed):
        raise CommandError(
            f"The plan of rollout {found.id} has the hash {shown[:16]}, not {options.hash[:64]!r}; read it "
            f"again (main.py firmware rollout show {found.id}), and give at least {_LEAST_DIGITS} digits."
        )
    rollouts.approve(conn, found.id, found.plan_hash, options.reason)


_Do = Callable[[Connection, Rollout, argparse.Namespace], None]

_ORDERS: dict[str, tuple[_Do, str]] = {
    "submit": (
        lambda conn, found, _: rollouts.submit(conn, found.id, found.plan_hash),
        "waits for a second person's approval.",
    ),
    "approve": (_approve, "is approved."),
    "return": (
        lambda conn, found, given: rollouts.send_back(conn, found.id, given.reason),
        "is with whoever planned it again.",
    ),
    "start": (
        lambda conn, found, _: rollouts.start(conn, found.id, found.plan_hash),
        "has begun; main.py firmware rollout show tells how it goes.",
    ),
    "pause": (
        lambda conn, found, given: rollouts.pause(conn, found.id, given.reason),
        "is paused: no further device is begun.",
    ),
    "resume": (lambda conn, found, _: rollouts.resume(conn, found.id), "goes on."),
    "halt": (
        lambda conn, found, given: rollouts.halt(conn, found.id, given.reason),
        "is halted; a device in the middle reaches a safe end.",
    ),
    "override": (
        lambda conn, found, given: rollouts.ask_override(conn, found.id, given.reason),
        "goes on once a second person agrees.",
    ),
    "agree": (lambda conn, found, _: rollouts.agree_to_override(conn, found.id), "goes on."),
    "soak-again": (
        lambda conn, found, _: rollouts.soak_again(conn, found.id),
        "is watched for once more its time.",
    ),
    "abort": (
        lambda conn, found, given: rollouts.abort(conn, found.id, given.reason),
        "is given up; a device in the middle reaches its end all the same.",
    ),
}

_SHOWN: dict[str, Callable[[argparse.Namespace, Settings, Database], str]] = {
    "list": list_rollouts,
    "show": show_rollout,
    "report": report,
}
