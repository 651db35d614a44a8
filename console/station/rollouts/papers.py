"""What an update needs before anything is asked of a device: signatures, the way, a permit. No I/O."""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pydantic import BaseModel, ValidationError

from console.station.rollouts.ground import Reach
from console.station.rollouts.store import Terms
from drivers.firmware.target import FirmwareWay
from models.errors import FirmwareRefused
from models.firmware.signing import signatures_from_texts, verify, verify_permit
from models.records.firmware import ANY_SERIAL, DowngradePermit, Manifest
from models.records.rollout import DeploymentOrder


@dataclass(frozen=True, slots=True)
class Papers:
    """What was found to be in order.

    Attributes:
        profile: Of the manifest, as the way reads it.
    """

    manifest: Manifest
    terms: Terms
    way: FirmwareWay
    reach: Reach
    profile: BaseModel


def papers_of(
    order: DeploymentOrder, terms: Terms, reach: Reach, ways: Callable[[str], FirmwareWay]
) -> Papers:
    """Return the papers of an update, verified by the keys that this computer trusts at this moment.

    Raises:
        FirmwareRefused: They are not in order; the sentence says why.
    """
    manifest = verify(
        order.manifest,
        signatures_from_texts(order.signatures),
        terms.trusted,
        terms.site.now,
        terms.site.needed,
    )
    if manifest.full_version != order.version:
        raise FirmwareRefused(f"The manifest is of {manifest.full_version}, and {order.version} was planned.")
    try:
        way = ways(manifest.way)
    except KeyError as error:
        said = str(error.args[0])
        raise FirmwareRefused(f"{said[:1].upper()}{said[1:]}; update the station's program.") from error
    if way.drivers and reach.spec.kind not in way.drivers:
        raise FirmwareRefused(
            f"{way.label} reaches devices of {', '.join(sorted(way.drivers))}, and {reach.device.name} is "
            f"one of {reach.spec.kind}."
        )
    try:
        profile = way.profile_type.model_validate(dict(manifest.profile))
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(part) for part in first["loc"])
        raise FirmwareRefused(
            f"The update profile in the manifest is damaged: {place}: {first['msg']}."
        ) from error
    return Papers(manifest, terms, way, reach, profile)


def permit_for(papers: Papers, serial: str, running: str) -> DowngradePermit | None:
    """Return the permit to go back that is for this device and what it runs, signed as it must be.

    Where there is none, one that is signed and for something else: its refusal says what is wrong with it.
    """
    terms, site = papers.terms, papers.terms.site
    signed: list[DowngradePermit] = []
    for stored in site.permits:
        with suppress(FirmwareRefused):
            signed.append(
                verify_permit(stored.permit, stored.signatures, terms.trusted, site.now, site.needed)
            )
    return next(
        (one for one in signed if one.serial in (ANY_SERIAL, serial) and one.from_version == running),
        signed[0] if signed else None,
    )
