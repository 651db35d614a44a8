"""`main.py plant`: the simulated factory alone, and faults switched while it runs."""

import argparse
import asyncio
import gc
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from console.commandline.command import Command, CommandError
from console.commandline.plant_firmware import add_image, add_trouble, trouble_request, write_image
from console.settings import Settings
from drivers.plant.addresses import PortTaken, recall
from drivers.plant.control import ControlRequest, ControlUnreachable, ask_plant
from drivers.plant.demo_faults import demo_faults
from drivers.plant.document import plant_document
from drivers.plant.factory import Factory
from drivers.plant.faults import FAULTS, FaultKind, FaultRefused
from drivers.plant.plan import PlantPlan


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("--devices", type=int, default=24, metavar="N", help="how many devices (24)")
    parser.add_argument("--seed", type=int, default=1, metavar="S", help="another seed, another plant (1)")
    parser.add_argument(
        "--modbus-port",
        type=int,
        default=1502,
        metavar="P",
        help="of the first Modbus gateway (1502, 0 = any)",
    )
    parser.add_argument(
        "--opcua-port", type=int, default=4841, metavar="P", help="of the OPC UA server (4841, 0 = any)"
    )
    parser.add_argument(
        "--period", type=float, default=1.0, metavar="S", help="seconds between measurements (1)"
    )
    parser.add_argument("--demo-faults", action="store_true", help="start with something to see going wrong")
    parser.add_argument(
        "--gauges",
        action="store_true",
        help="some devices measure flow, level, current, energy and a state as well: signals of the site",
    )
    parser.add_argument("--document", type=Path, metavar="FILE", help="write the import document when ready")
    parser.add_argument("--for", dest="for_s", type=float, metavar="SECONDS", help="end by itself")
    parser.add_argument(
        "--attached",
        action="store_true",
        help="end when standard input closes, that is, with the program that started it",
    )
    _add_whereabouts(parser, None)
    actions = parser.add_subparsers(dest="action", metavar="fault | faults | counts | …")
    fault = actions.add_parser(
        "fault",
        help="switch a fault of the running plant",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        epilog="\n".join(["faults:", *(f"  {kind:18}{info.meaning}" for kind, info in FAULTS.items())]),
    )
    fault.add_argument("device", metavar="DEVICE", help="hardware id, e.g. DRIVE-02")
    fault.add_argument("kind", metavar="KIND", choices=[str(kind) for kind in FaultKind], help="see below")
    fault.add_argument("switch", choices=("on", "off"))
    fault.add_argument("--value", type=float, metavar="X", help="how much, where the fault has a value")
    _add_whereabouts(fault, argparse.SUPPRESS)
    for name, text in (
        ("faults", "list the faults that are on"),
        ("counts", "show what was answered so far"),
        ("firmware", "show what runs on each device, and what became of its updates"),
    ):
        _add_whereabouts(actions.add_parser(name, help=text), argparse.SUPPRESS)
    trouble = actions.add_parser("trouble", help="what goes wrong with the next update of a device")
    add_trouble(trouble)
    _add_whereabouts(trouble, argparse.SUPPRESS)
    add_image(actions.add_parser("image", help="write firmware for a product of the plant"))


def _add_whereabouts(parser: argparse.ArgumentParser, default: str | None) -> None:
    parser.add_argument(
        "--state",
        type=Path,
        default=default,
        metavar="DIR",
        help="where the ports are remembered (in the data folder)",
    )
    parser.add_argument(
        "--control-port",
        type=int,
        default=default,
        metavar="P",
        help="of the line that switches faults (any)",
    )


def _run(arguments: argparse.Namespace, settings: Settings) -> int:
    state = arguments.state or settings.data_dir / "plant"
    try:
        if arguments.action == "image":
            _print(write_image(arguments))
            return 0
        if arguments.action:
            return _ask(arguments, state)
        plan = PlantPlan(
            devices=arguments.devices,
            seed=arguments.seed,
            modbus_port=arguments.modbus_port,
            opcua_port=arguments.opcua_port,
            update_period_s=arguments.period,
            has_gauges=arguments.gauges,
        )
        return _serve(plan, arguments, settings, state)
    except (FaultRefused, PortTaken, ControlUnreachable, ValueError) as error:
        raise CommandError(str(error)) from error


def _serve(plan: PlantPlan, arguments: argparse.Namespace, settings: Settings, state: Path) -> int:
    if not settings.is_debug:
        # A client that is killed is everyday life here, and asyncua logs a traceback for each.
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
    faults = demo_faults(plan) if arguments.demo_faults else ()
    factory = Factory(plan, faults, state, arguments.control_port or 0)
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_live(factory, arguments))
    return 0


async def _live(factory: Factory, arguments: argparse.Namespace) -> None:
    began = time.monotonic()
    ended = asyncio.Event()
    _end_on_signals(asyncio.get_running_loop(), ended)
    if arguments.attached:
        _end_with_input(asyncio.get_running_loop(), ended)
    # Nearly all that is made while starting stays for ever; looking through it for garbage costs half a
    # second then, and would lengthen every full collection later.
    gc.disable()
    await factory.start()
    gc.freeze()
    gc.enable()
    try:
        if arguments.document is not None:
            document = msgspec.json.format(msgspec.json.encode(plant_document(factory.plan)), indent=2)
            arguments.document.write_bytes(document + b"\n")
        plan = factory.plan
        _print(
            {
                "ready": True,
                "devices": plan.devices,
                "modbus_ports": plan.modbus_ports,
                "opcua_port": plan.opcua_port if plan.opcua_machines else None,
                "control_port": factory.control_port,
                "took_s": round(time.monotonic() - began, 3),
            }
        )
        try:
            await asyncio.wait_for(ended.wait(), arguments.for_s)
        except TimeoutError:
            pass
    finally:
        await factory.stop()


def _ask(arguments: argparse.Namespace, state: Path) -> int:
    port = arguments.control_port
    if not port:
        known = recall(state)
        if known is None:
            raise CommandError(
                f"No plant was started with its state in {state}; start one, or give --control-port."
            )
        port = known.control_port
    if arguments.action == "fault":
        is_on = arguments.switch == "on"
        request = ControlRequest("switch", arguments.device, arguments.kind, is_on, arguments.value)
    elif arguments.action == "trouble":
        request = trouble_request(arguments)
    else:
        request = ControlRequest(arguments.action)
    _print(ask_plant(port, request))
    return 0


def _print(content: object) -> None:
    sys.stdout.write(msgspec.json.encode(content).decode() + "\n")
    sys.stdout.flush()


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.new_event_loop


def _end_on_signals(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        if sys.platform == "win32":
            signal.signal(number, lambda *_: loop.call_soon_threadsafe(ended.set))
        else:
            loop.add_signal_handler(number, ended.set)


def _end_with_input(loop: asyncio.AbstractEventLoop, ended: asyncio.Event) -> None:
    def wait_for_end() -> None:
        # Not through sys.stdin: its lock would be held here while the interpreter shuts down.
        while os.read(0, 4096):
            pass
        try:
            loop.call_soon_threadsafe(ended.set)
        except RuntimeError:
            return  # the loop ended first

    threading.Thread(target=wait_for_end, name="plant-input", daemon=True).start()


COMMAND = Command(
    add_arguments=_add_arguments,
    run=_run,
    example="main.py plant --demo-faults    and beside it: main.py plant fault DRIVE-02 slow on --value 0.3",
)
