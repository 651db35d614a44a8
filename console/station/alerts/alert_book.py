"""Step ④: which episodes are open, so that each begins and ends exactly once.

Used from the event loop only. The transitions it lets through wait in the writer's queue until stored.
"""

from collections.abc import Collection, Iterable, Sequence

from models.records.alert import OpenEpisode, Transition, TransitionKind
from models.records.device import Device, DeviceId
from models.records.threshold import RuleKind, Severity, Threshold, ThresholdId

_Key = tuple[DeviceId, ThresholdId]


class AlertBook:
    """Open episodes whose condition stands, by device and threshold."""

    def __init__(self) -> None:
        """Begin with an empty book; `load` fills it from the database."""
        self._standing: set[_Key] = set()

    def load(self, episodes: Iterable[OpenEpisode]) -> None:
        """Take the episodes that were open when the station last looked: only those still standing count.

        One that is cleared and merely not acknowledged yet may begin again, so it is in the book no more.
        """
        for episode in episodes:
            key = (episode.device, episode.threshold)
            if episode.is_cleared:
                self._standing.discard(key)
            else:
                self._standing.add(key)

    def forget(self, devices: Collection[DeviceId]) -> None:
        """Close the pages of devices that another station judges from now on; nothing ends by it."""
        self._standing = {key for key in self._standing if key[0] not in devices}

    def standing(self) -> dict[DeviceId, set[ThresholdId]]:
        """Return the thresholds whose condition stands, by device."""
        grouped: dict[DeviceId, set[ThresholdId]] = {}
        for device, threshold in self._standing:
            grouped.setdefault(device, set()).add(threshold)
        return grouped

    def admit(self, transitions: Sequence[Transition]) -> list[Transition]:
        """Return the transitions that change something; a second beginning or end of the same is dropped,
        and so is what is reported of what does not stand."""
        admitted: list[Transition] = []
        for transition in transitions:
            key = (transition.device, transition.threshold)
            if transition.kind is TransitionKind.RAISED:
                if key in self._standing:
                    continue
                self._standing.add(key)
            elif key not in self._standing:
                continue
            elif transition.kind is TransitionKind.CLEARED:
                self._standing.remove(key)
            admitted.append(transition)
        return admitted

    def reconcile(
        self,
        devices: Iterable[Device],
        thresholds: Iterable[Threshold],
        now_unix: float,
        unjudged: Collection[ThresholdId] = (),
    ) -> list[Transition]:
        """End the episodes that nobody judges any more: threshold removed, disabled, or its device removed.

        Args:
            devices: All that are configured.
            thresholds: All that exist, disabled ones too.
            now_unix: When the change was seen, Unix seconds.
            unjudged: Those that no rule can judge any more, because a tag or a limit was taken away.
        """
        names = {device.id: device.name for device in devices}
        known = {(threshold.device, threshold.id): threshold for threshold in thresholds}
        ended: list[Transition] = []
        for key in sorted(self._standing):
            device, id = key
            threshold = known.get(key)
            is_judged = threshold is not None and threshold.enabled and id not in unjudged
            if is_judged and device in names:
                continue
            self._standing.remove(key)
            if device not in names:
                reason = "the device was removed"
            else:
                what = "limit" if threshold is None or threshold.rule is RuleKind.LIMIT else "alert rule"
                act = "removed" if threshold is None else "switched off"
                if threshold is not None and threshold.enabled:
                    act = "changed so that it cannot be judged"
                reason = f"the {what} of {names[device]} was {act}"
            ended.append(
                Transition(
                    kind=TransitionKind.CLEARED,
                    device=device,
                    threshold=id,
                    # The stored alert keeps the severity it began with; this one is for the record only.
                    severity=Severity.INFO if threshold is None else threshold.severity,
                    at_unix=now_unix,
                    value=None,
                    limit=None,
                    message=f"Ended because {reason}",
                )
            )
        return ended
