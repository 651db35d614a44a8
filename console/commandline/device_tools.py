"""`main.py device scan|registers|identify|browse|write`: what a device has to say, over ssh if need be."""

import argparse
import json
import sys
from typing import Any

import msgspec
from sqlalchemy.engine import Connection

from console.commandline.command import CommandError
from console.commandline.device_asking import ask_device
from console.commandline.table import table_text
from console.settings import Settings
from drivers.questions import BrowseSubject, NothingMore, SearchSubject, WriteSubject
from drivers.workbench import BrowsePage, Registers, RegisterSpan, ScanFinding, ScanPlan, Tool
from models.queries.device_writes import note_device_write
from models.records.device import Device

ACTIONS = ("scan", "registers", "identify", "browse", "write")
MOST_NODES = 1000
"""So many nodes are shown; whoever wants others names a node nearer to them, or searches."""

_TABLES = ("holding", "input", "coil", "discrete")


def add_tool_actions(actions: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Declare the actions."""
    scan = _action(actions, "scan", "look for units, or for registers that can be read, politely")
    scan.add_argument("--units", metavar="FIRST-LAST", type=_span, help="units to try, for example 1-247")
    scan.add_argument("--table", choices=_TABLES, help="look for registers of this table instead")
    scan.add_argument(
        "--range", metavar="FIRST-LAST", type=_span, default=(0, 65535), help="which of them; all by default"
    )
    scan.add_argument("--pause", metavar="MS", type=int, default=20, help="rest between requests; 20")
    registers = _action(actions, "registers", "show raw registers, and which are refused")
    registers.add_argument("table", choices=_TABLES)
    registers.add_argument("start", type=int, help="first, as the device's addresses count")
    registers.add_argument("count", type=int, nargs="?", default=10)
    _action(actions, "identify", "show what the device tells of itself")
    browse = _action(actions, "browse", "show the nodes of a server, or search them")
    browse.add_argument("node", nargs="?", default="", help="id of a node as listed; the root by default")
    browse.add_argument("--search", metavar="WORDS", help="look for nodes that hold every word")
    write = _action(actions, "write", "write a raw value to a tag that is marked as writable")
    write.add_argument("address", help="of the tag, as stored")
    write.add_argument("value", type=float, help="the device's own raw number")


def run_tool(options: argparse.Namespace, settings: Settings) -> int:
    """Carry an action out. Raises CommandError, DriverError, StorageError."""
    match options.action:
        case "scan":
            return _scan(options, settings)
        case "registers":
            return _registers(options, settings)
        case "identify":
            return _identify(options, settings)
        case "browse":
            return _browse(options, settings)
        case _:
            return _write(options, settings)


def _action(
    actions: "argparse._SubParsersAction[argparse.ArgumentParser]", name: str, words: str
) -> argparse.ArgumentParser:
    parser = actions.add_parser(name, help=words)
    parser.add_argument("device_id", help="hardware id, as in the list")
    parser.add_argument("--json", action="store_true", help="for programs")
    return parser


def _span(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not first.isascii() or not first.isdigit() or (dash and not (last.isascii() and last.isdigit())):
        raise argparse.ArgumentTypeError(f"{text!r} is no range; write for example 1-247")
    span = int(first), int(last or first)
    if span[0] > span[1]:
        raise argparse.ArgumentTypeError(f"{text!r} runs backwards; write {span[1]}-{span[0]}")
    return span


def _scan(options: argparse.Namespace, settings: Settings) -> int:
    if options.table and options.units:
        raise CommandError("A scan looks for units or for registers, not both: leave --units or --table out.")
    first, last = options.range
    units = None if options.table else options.units or (1, 247)
    plan = ScanPlan(units, options.table or "", first, last, options.pause)
    is_live = sys.stderr.isatty()

    def show(finding: ScanFinding) -> None:
        if is_live:
            sys.stderr.write(f"\r\x1b[K{finding.text} ({finding.done} of {finding.total})")
            sys.stderr.flush()

    try:
        findings: list[ScanFinding] = ask_device(settings, options.device_id, Tool.SCAN, plan, show)
    finally:
        if is_live:
            sys.stderr.write("\r\x1b[K")
    found = [finding for finding in findings if finding.kind != "progress"]
    if options.json:
        return _print_json(found)
    if found and options.table:
        rows = [(str(each.start), str(each.end), each.text) for each in found]
        print(table_text(("FIRST", "LAST", "WHAT"), rows))
    elif found:
        print(table_text(("UNIT", "WHAT IT SAYS"), [(str(each.unit), each.text) for each in found]))
    print(f"{findings[-1].text}.")
    return 0


def _registers(options: argparse.Namespace, settings: Settings) -> int:
    span = RegisterSpan(options.table, options.start, options.count)
    registers: Registers
    (registers,) = ask_device(settings, options.device_id, Tool.REGISTERS, span)
    if options.json:
        return _print_json(registers)
    numbered = enumerate(registers.words, span.start)
    rows = [(str(number), *_words(word)) for number, word in numbered]
    print(table_text(("REGISTER", "UNSIGNED", "SIGNED", "HEX"), rows))
    for refusal in registers.refusals:
        print(refusal, file=sys.stderr)
    return 0 if any(word is not None for word in registers.words) else 1


def _words(word: int | None) -> tuple[str, str, str]:
    if word is None:
        return "refused", "", ""
    return str(word), str(word - 65536 if word > 32767 else word), f"{word:04x}"


def _identify(options: argparse.Namespace, settings: Settings) -> int:
    (facts,) = ask_device(settings, options.device_id, Tool.IDENTIFY, NothingMore())
    if options.json:
        return _print_json(facts)
    if not facts:
        print("The device tells nothing of itself.")
        return 0
    print(table_text(("WHAT", "VALUE"), [(fact.name, fact.value) for fact in facts]))
    return 0


def _browse(options: argparse.Namespace, settings: Settings) -> int:
    pages: list[BrowsePage] = []

    def next_page(page: BrowsePage) -> BrowseSubject | None:
        is_enough = sum(len(each.nodes) for each in pages) >= MOST_NODES
        return None if is_enough or not page.more else BrowseSubject(options.node, page.more)

    if options.search:
        ask_device(settings, options.device_id, Tool.SEARCH, SearchSubject(options.search), pages.append)
    else:
        subject = BrowseSubject(options.node)
        ask_device(settings, options.device_id, Tool.BROWSE, subject, pages.append, then=next_page)
    nodes = [node for page in pages for node in page.nodes]
    if options.json:
        return _print_json(nodes)
    if not nodes:
        print("Nothing was found." if options.search else "This node has no children.")
        return 0
    rows = [
        (node.path or node.name, node.kind, node.type, node.value, node.unit, node.address, node.id)
        for node in nodes[:MOST_NODES]
    ]
    print(table_text(("NAME", "KIND", "TYPE", "VALUE", "UNIT", "ADDRESS", "ID"), rows))
    if len(nodes) > MOST_NODES or pages[-1].more:
        print(f"There are more than these {MOST_NODES}.", file=sys.stderr)
    return 0


def _write(options: argparse.Namespace, settings: Settings) -> int:
    def note(connection: Connection, device: Device) -> None:
        note_device_write(connection, device.id, options.address, options.value)

    subject = WriteSubject(options.address, options.value)
    (holds,) = ask_device(settings, options.device_id, Tool.WRITE, subject, before=note)
    if options.json:
        return _print_json({"address": options.address, "written": options.value, "holds": holds})
    print(f"{options.address} now holds {holds}")
    return 0


def _print_json(what: Any) -> int:
    print(json.dumps(msgspec.to_builtins(what), indent=2))
    return 0
