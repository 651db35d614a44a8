"""Certificates for people to look at: what a server shows, and what this station shows to servers."""

from datetime import UTC, datetime

from pydantic import BaseModel

from drivers.certificate_facts import base64_of, facts_of
from drivers.driver import DriverHub
from drivers.errors import NeedsHuman
from drivers.opcua.channel import Channel, shown_by
from drivers.opcua.driver import own_hub, own_settings
from drivers.opcua.settings import OpcuaSettings
from drivers.opcua.trust import Shown, complaints_about
from drivers.workbench import CertificateFacts


async def server_certificate(hub: DriverHub, settings: BaseModel) -> CertificateFacts:
    """Ask a server for its certificate, trusted or not. Nothing else is said to it, and nobody signs in.

    Raises:
        LineLost: It does not answer.
        NeedsHuman: It shows none, or one that cannot be read.
    """
    del hub  # a certificate is asked for over a connection of its own, so nothing waits for a turn
    chosen = own_settings(settings)
    channel = Channel(chosen)
    try:
        await channel.open_port()
        await channel.open_channel()
        endpoints = await channel.find_endpoints()
    finally:
        await channel.close()
    # All endpoints of a server show the same one; those without security may show none (OPC 10000-4, 7.14).
    shown = next((found for found in map(shown_by, endpoints) if found is not None), None)
    if shown is None:
        raise NeedsHuman(
            f"{chosen.endpoint} shows no certificate, so it offers no security; enable some on the "
            "server, or "
            "choose security None."
        )
    return _facts(shown, chosen)


async def own_certificate(hub: DriverHub) -> str:
    """Return this station's own certificate as PEM, made where there is none.

    Raises:
        NeedsHuman: It cannot be kept or read.
    """
    return (await own_hub(hub).certificates.own()).pem


def _facts(shown: Shown, settings: OpcuaSettings) -> CertificateFacts:
    certificate = shown.certificate
    # Whoever looks is about to decide on the trust; that nobody has yet is no fault of the certificate.
    judged = (
        settings
        if settings.trusted
        else settings.model_copy(update={"server_certificate": base64_of(certificate)})
    )
    return facts_of(certificate, complaints_about(shown, judged, datetime.now(UTC)))
