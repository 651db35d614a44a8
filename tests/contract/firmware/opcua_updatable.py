"""OPC UA devices of the plant that take firmware, and updates of one as a station makes them."""

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import count
from typing import Any

from asyncua import ua
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager

from console.station.rollouts.ground import Ground, Reach
from drivers.driver import DriverHub
from drivers.opcua.settings import OpcuaSettings
from drivers.plant.firmware.flash import Flash
from drivers.plant.firmware.habits import Habits, Make
from drivers.plant.firmware.image import make_image
from drivers.plant.firmware.opcua_device import Offer, UpdatableDevice
from drivers.plant.firmware.opcua_stand import URI, OpcuaStand
from drivers.plant.firmware.troubles import Trouble
from drivers.registry import spec_of
from models.records.firmware import Manifest
from models.records.rollout import DeploymentOrder
from tests.opcua_papers import Papers
from tests.unit.console.station.rollouts.one_device import RECORD, Bench

PRODUCT = "press-a"
PASSWORD = "Zange-7-Öl"
IMAGE = make_image(PRODUCT, "2.0.0", 5000)
PROFILE: dict[str, Any] = {"answer_s": 0, "prepare_s": 1, "check_s": 1}
MANIFEST = Manifest(
    product=PRODUCT,
    hardware=("A1",),
    version="2.0.0",
    sequence=2,
    minimum_from="",
    size=len(IMAGE),
    sha256=hashlib.sha256(IMAGE).digest(),
    expires_at=datetime(2999, 1, 1, tzinfo=UTC),
    way="opcua-software-update",
    profile=PROFILE,
)
SECURED = "http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256"
_numbers = count(1)


@dataclass
class Doorkeeper(UserManager):
    """Lets in whom it knows, and remembers who came.

    Attributes:
        came: How each proved itself that was let in.
        over: The policies of their channels.
        is_open: Whether anybody may come in without a name.
    """

    reader: bytes = b""
    is_open: bool = True
    came: list[str] = field(default_factory=list[str])
    over: list[str] = field(default_factory=list[str])
    _last: str = ""

    def get_user(
        self,
        iserver: object,
        username: str | None = None,
        password: str | None = None,
        certificate: bytes | None = None,
    ) -> User | None:
        if (username, password) == ("reader", PASSWORD):
            self.came.append("by password")
        elif username is None and self.reader and certificate == self.reader:
            self.came.append("by certificate")
        elif username is None and self.is_open:
            self.came.append("")
        else:
            return None
        self.over.append(self._last)
        return User(role=UserRole.User, name=username or "x")

    def guard(self, papers: Papers) -> Callable[[Server], None]:
        """Return what protects a server with these papers; it offers itself unprotected, too."""

        def guard(server: Server) -> None:
            server.iserver.certificate, server.iserver.private_key = papers.certificate, papers.key
            server.set_security_policy(
                [ua.SecurityPolicyType.NoSecurity, ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt]
            )
            server.set_identity_tokens(
                [ua.AnonymousIdentityToken, ua.UserNameIdentityToken, ua.X509IdentityToken]
            )
            server._application_uri = URI
            server.iserver.user_manager = self
            start = server.start

            async def started() -> None:
                await start()
                for factory in server._policies:
                    factory.create = self._noting(factory.create)

            server.start = started

        return guard

    def _noting(self, create: Callable[[bytes], Any]) -> Callable[[bytes], Any]:
        def noting(peer_certificate: bytes) -> Any:
            policy = create(peer_certificate)
            self._last = policy.URI
            return policy

        return noting


class OpcuaUpdatable:
    """One device in a stand."""

    def __init__(
        self, stand: OpcuaStand, offer: Offer, trouble: Trouble | None, habits: dict[str, Any]
    ) -> None:
        self.name = f"Press{next(_numbers)}"
        wont = Habits(**({"install_s": 0.02, "reboot_s": 0.05} | habits))
        self.flash = Flash(Make(PRODUCT, "A1", f"SN-{self.name}", "1.0.0"), wont, trouble)
        self.stand = stand
        self.builder = stand.add(self.name, self.flash, offer)
        self.does: UpdatableDevice = self.builder.device
        self.secrets: dict[str, object] = {}

    def settings(self, **more: object) -> OpcuaSettings:
        """Return what leads to it."""
        base = {
            "endpoint": self.stand.endpoint,
            "timeout_s": 0.3,
            "starting_node": f"ns=1;s={self.name}",
        }
        return OpcuaSettings.model_validate(base | self.secrets | more)

    def left_behind(self) -> dict[str, object]:
        """Return what an update has left at the device, and what it runs; empty = it works as before."""
        state = self.flash.state(self.does.now)
        handles = [opened for opened in self.stand.files.handles.values() if opened.owner is self.does]
        found = {
            "prepared": self.does.preparation() if self.does.preparation() != "Idle" else "",
            "locked": self.does.lock_holder,
            "files": handles,
            "package": self.flash.pending,
            # That an update failed is told until the next one begins, and keeps nobody from work.
            "state": state if state not in ("idle", "failed") else "",
            "runs": self.flash.running if self.flash.running != "1.0.0" else "",
        }
        return {name: value for name, value in found.items() if value}


class OpcuaBench(Bench):
    """The same for a device of an OPC UA server."""

    device: OpcuaUpdatable

    def __init__(self, device: OpcuaUpdatable, hub: DriverHub) -> None:
        super().__init__(device, hub)  # pyright: ignore[reportArgumentType] - seen by its settings alone
        self.store.data = IMAGE

    def order(self, manifest: Manifest = MANIFEST, *args: Any, **changes: Any) -> DeploymentOrder:
        return super().order(manifest, *args, **changes)

    def ground(self) -> Ground:
        return replace(
            super().ground(), reach=lambda _: Reach(RECORD, spec_of("opcua"), self.device.settings())
        )
