"""`main.py bench`: measured figures, each against its baseline in the same run."""

import argparse

import msgspec

from console.bench.figure import BenchSize
from console.bench.registry import BENCHES
from console.commandline.command import Command
from console.commandline.table import table_text
from console.settings import Settings


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", choices=[bench.name for bench in BENCHES], help="what to measure")
    parser.add_argument("--json", action="store_true", help="one line of JSON a figure")
    parser.add_argument(
        "--small", action="store_true", help="a short run that checks the bench, not the speed"
    )


def _run(options: argparse.Namespace, settings: Settings) -> int:
    bench = next(bench for bench in BENCHES if bench.name == options.name)
    figures = bench.run(BenchSize(is_small=options.small))
    if options.json:
        for figure in figures:
            print(msgspec.json.encode(figure).decode())
    else:
        rows = [
            (
                figure.name,
                f"{figure.value:,.4g} {figure.unit}",
                "" if figure.baseline is None else f"{figure.baseline:,.4g} {figure.unit}",
                "" if figure.ratio is None else f"{figure.ratio:.3f} ×",
                figure.target,
                "met" if figure.met else "MISSED",
            )
            for figure in figures
        ]
        print(table_text(("FIGURE", "VALUE", "BASELINE", "RATIO", "TARGET", ""), rows))
    return 0


COMMAND = Command(_add_arguments, _run, "main.py bench ingest --json")
