"""`main.py plant image` and `trouble`: firmware for the simulated factory, and what goes wrong with it."""

import argparse
from pathlib import Path
from typing import Any

import msgspec

from console.commandline.command import CommandError
from drivers.plant.control import ControlRequest
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.products import HARDWARE, PRODUCTS
from drivers.plant.firmware.switching import MEANINGS
from drivers.plant.firmware.troubles import Step, TroubleKind

_SIZE = 64 << 10
_OFF = "off"


def add_image(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `image`."""
    products = sorted(product.name for product in PRODUCTS.values())
    parser.add_argument("product", metavar="PRODUCT", choices=products, help=", ".join(products))
    parser.add_argument("version", metavar="VERSION", help="e.g. 2.0.0")
    parser.add_argument("file", metavar="FILE", type=Path, help="FILE.profile.json is written beside it")
    parser.add_argument("--size", type=int, default=_SIZE, metavar="BYTES", help=f"of the image ({_SIZE})")


def add_trouble(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `trouble`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = "\n".join(["troubles:", *(f"  {kind:18}{text}" for kind, text in MEANINGS.items())])
    parser.add_argument("device", metavar="DEVICE", help="hardware id, e.g. DRIVE-02")
    kinds = [str(kind) for kind in TroubleKind]
    parser.add_argument("kind", metavar="KIND", choices=[*kinds, _OFF], help="see below, or off")
    parser.add_argument("--step", choices=[str(step) for step in Step], default="", help="where it strikes")
    parser.add_argument("--after", type=int, default=0, metavar="BYTES", help="how much has come then")
    parser.add_argument("--seconds", type=float, metavar="S", help="how long it takes")


def trouble_request(arguments: argparse.Namespace) -> ControlRequest:
    """Return what is asked of the running plant."""
    kind = "" if arguments.kind == _OFF else arguments.kind
    return ControlRequest(
        "trouble",
        arguments.device,
        kind,
        value=arguments.seconds,
        step=arguments.step,
        after_bytes=arguments.after,
    )


def write_image(arguments: argparse.Namespace) -> dict[str, Any]:
    """Write an image and the profile of its product; return what signing it needs. Raises CommandError."""
    product = next(each for each in PRODUCTS.values() if each.name == arguments.product)
    if arguments.size > product.habits.capacity:
        raise CommandError(
            f"--size {arguments.size}: a {product.name} takes {product.habits.capacity} bytes at most."
        )
    profile = arguments.file.with_name(arguments.file.name + ".profile.json")
    try:
        arguments.file.write_bytes(make_image(product.name, arguments.version, arguments.size, (HARDWARE,)))
        profile.write_bytes(msgspec.json.format(msgspec.json.encode(product.profile), indent=2) + b"\n")
    except ValueError as error:
        raise CommandError(f"--size {arguments.size}: {error}") from error
    except OSError as error:
        raise CommandError(f"{arguments.file} cannot be written: {error.strerror}.") from error
    return {
        "image": str(arguments.file),
        "profile": str(profile),
        "product": product.name,
        "hardware": HARDWARE,
        "version": arguments.version,
        "way": product.way,
    }
