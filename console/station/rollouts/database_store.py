"""The real store of rollouts: the station's login, trusted keys and images on this computer."""

import hashlib
import logging
import os
from collections.abc import Mapping
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

from sqlalchemy import text

from console.station.rollouts.conducting import Conclude, MoveWave, Stand, next_move
from console.station.rollouts.evidence import evidence_of
from console.station.rollouts.floors import Floors
from console.station.rollouts.store import End, Terms, Told
from drivers.firmware.target import Standing
from models.database import Database
from models.errors import NeedsSetup
from models.firmware.trusted_keys import load_trusted_keys
from models.objects.access import ObjectAccess
from models.objects.store import fetched_image
from models.queries import rollout_second_looks, rollout_work
from models.queries.rollouts import load_deployments, load_rollout, load_waves
from models.records.device import JsonValue
from models.records.firmware import Manifest
from models.records.rollout import (
    Deployment,
    DeploymentOrder,
    RolloutId,
    RolloutState,
    WaveId,
    WaveState,
)

_log = logging.getLogger(__name__)

_IMAGES_KEPT = 8


class DatabaseRolloutStore:
    """The real one."""

    def __init__(
        self, database: Database, access: ObjectAccess, data_dir: Path, least_signatures: int = 1
    ) -> None:
        """Keep what it needs.

        Args:
            database: With the station's login.
            access: What this computer may fetch images from.
            least_signatures: So many are asked for here, whatever the site says.
            data_dir: Trusted keys lie in it, what devices were seen to run, and images that were verified.
        """
        self._database = database
        self._access = access
        self._data_dir = data_dir
        self._least_signatures = least_signatures
        self._floors = Floors(data_dir)
        self._image = b"", b""
        self._images = data_dir / "firmware" / "images"

    def is_idle(self) -> bool:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            return rollout_work.is_idle(connection)

    def claim(self, incarnation: int, most: int, preflight_s: float) -> list[DeploymentOrder]:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            return rollout_work.claim(connection, incarnation, most, preflight_s)

    def adopt(self, incarnation: int) -> list[DeploymentOrder]:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            return rollout_work.adopt(connection, incarnation)

    def terms(self, device_id: str, product: str, version: str) -> Terms:
        """See UpdateStore. The keys are read anew each time: somebody may have taken one away."""
        with self._database.transaction() as connection:
            asked = rollout_work.site_terms(connection, product, version)
        asked = replace(asked, needed=max(asked.needed, self._least_signatures))
        return Terms(asked, load_trusted_keys(self._data_dir), self._floors.of(device_id, product))

    def image(self, url: str, manifest: Manifest) -> bytes:
        """See UpdateStore. One call at a time: the last one is held, so that a wave shares its bytes."""
        held = self._image
        if held[0] != manifest.sha256:
            held = self._image = manifest.sha256, self._found(url, manifest)
        return held[1]

    def _found(self, url: str, manifest: Manifest) -> bytes:
        kept = self._images / manifest.sha256.hex()
        try:
            data = kept.read_bytes()
        except OSError:
            data = b""
        if len(data) == manifest.size and hashlib.sha256(data).digest() == manifest.sha256:
            return data
        data = fetched_image(url, manifest, self._access)
        self._images.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = kept.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(data)
        fresh.replace(kept)
        self._tidy()
        return data

    def _tidy(self) -> None:
        """Remove the images that were fetched longest ago: the spool needs the disk more."""
        files = sorted(self._images.iterdir(), key=lambda file: file.stat().st_mtime)
        for file in files[:-_IMAGES_KEPT]:
            file.unlink(missing_ok=True)

    def tell(self, told: Told) -> RolloutState:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            return rollout_work.tell_step(
                connection,
                told.deployment.id,
                told.deployment.epoch,
                told.step,
                deadline_s=told.deadline_s,
                bytes_sent=told.bytes_sent,
                percent=told.percent,
                from_version=told.from_version,
                observed_version=told.observed_version,
                serial=told.serial,
                waits_for=told.waits_for,
            )

    def begin_install(self, deployment: Deployment, deadline_s: float) -> str:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            return rollout_work.begin_install(connection, deployment.id, deployment.epoch, deadline_s)

    def end(self, deployment: Deployment, end: End) -> None:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            rollout_work.end_try(
                connection,
                deployment.id,
                deployment.epoch,
                end.step,
                end.outcome,
                error=end.error,
                observed_version=end.observed_version,
                again_s=end.again_s,
            )

    def saw(self, device_id: str, manifest: Manifest) -> None:
        """See UpdateStore. The device runs it all the same: what cannot be kept is logged."""
        try:
            self._floors.saw(device_id, manifest.product, manifest.sequence)
        except NeedsSetup as error:
            _log.warning("What %s runs is remembered by the database alone: %s", device_id, error)

    def second_looks(self) -> list[DeploymentOrder]:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            return rollout_second_looks.load_second_looks(connection)

    def tell_second_look(self, deployment: Deployment, standing: Standing) -> None:
        """See UpdateStore."""
        with self._database.transaction() as connection:
            rollout_second_looks.tell_second_look(
                connection,
                deployment,
                standing.identity.version,
                is_healthy=standing.is_healthy,
                detail=standing.detail,
                serial=standing.identity.serial,
            )

    def conduct(self, incarnation: int) -> Mapping[RolloutId, int]:
        """See ConductStore."""
        with self._database.transaction() as connection:
            return rollout_work.conduct(connection, incarnation)

    def next_move(self, rollout: RolloutId) -> MoveWave | Conclude | None:
        """See ConductStore. Everything is read as of one moment."""
        with self._database.transaction() as connection:
            connection.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
            known = load_rollout(connection, rollout)
            agreed = [one.at for one in known.approvals if one.kind == "override agreed"]
            stand = Stand(
                known.state,
                known.plan.settings,
                load_waves(connection, rollout),
                load_deployments(connection, rollout),
                connection.execute(text("SELECT now()")).scalar_one(),
                max(agreed, default=None),
            )
            return next_move(stand, cache(partial(evidence_of, connection, rollout, stand)))

    def move_wave(
        self,
        rollout: RolloutId,
        epoch: int,
        wave: WaveId,
        source: WaveState,
        target: WaveState,
        reason: str = "",
        evidence: Mapping[str, JsonValue] | None = None,
    ) -> None:
        """See ConductStore."""
        with self._database.transaction() as connection:
            rollout_work.move_wave(connection, rollout, epoch, wave, source, target, reason, evidence)

    def conclude(self, rollout: RolloutId, epoch: int, target: RolloutState, reason: str = "") -> None:
        """See ConductStore."""
        with self._database.transaction() as connection:
            rollout_work.conclude(connection, rollout, epoch, target, reason)
