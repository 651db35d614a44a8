"""Which thresholds bring the alerts, and what each brought. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np

from models.alarm_journal import Annunciations, Bools, Stretches
from models.alarm_windows import DAY_S
from models.records.alarm_load import SourceLoad
from models.records.device import DeviceId
from models.records.threshold import Severity, ThresholdId

CHATTERING_COUNT, CHATTERING_S = 3, 60.0
FLEETING_S = 10.0
STALE_S = DAY_S


class SourceFacts(NamedTuple):
    """Who stands behind a source of the journal."""

    threshold: ThresholdId | None
    device: DeviceId
    severity: Severity
    name: str
    label: str


def source_loads(
    asks: Annunciations, open_times: Stretches, facts: Mapping[int, SourceFacts]
) -> list[SourceLoad]:
    """Return what each source brought, the most frequent first, then by severity.

    One that brought nothing, and has an alert that is stale, is among them.
    """
    lengths = _longest_open(open_times)
    stale = [source for source, length in lengths.items() if length > STALE_S and source in facts]
    found = np.unique(np.concatenate((asks.source, np.array(stale, dtype=np.int64))))
    place = np.searchsorted(found, asks.source)
    counts = np.bincount(place, minlength=found.size)
    chattering = np.bincount(place, weights=is_chattering(asks), minlength=found.size)
    fleeting = np.bincount(place, weights=is_fleeting(asks), minlength=found.size)
    lasted = asks.cleared - asks.at
    order = np.argsort(place, kind="stable")
    medians = [
        float(np.median(known)) if (known := part[~np.isnan(part)]).size else None
        for part in np.split(lasted[order], np.cumsum(counts)[:-1])
    ]
    loads = [
        SourceLoad(
            *facts[source],
            count=int(counts[i]),
            share=float(counts[i] / max(1, asks.at.size)),
            chattering=int(chattering[i]),
            fleeting=int(fleeting[i]),
            standing_s=medians[i],
            longest_open_s=lengths.get(source, 0.0),
            is_stale=lengths.get(source, 0.0) > STALE_S,
        )
        for i, source in enumerate(found.tolist())
    ]
    return sorted(loads, key=lambda load: (-load.count, load.severity.rank, load.name, load.label))


def is_chattering(asks: Annunciations) -> Bools:
    """Return which annunciations are one of three or more of the same source within a minute."""
    order = np.lexsort((asks.at, asks.source))
    at, source = asks.at[order], asks.source[order]
    more = CHATTERING_COUNT - 1
    found = np.zeros(at.size, dtype=np.bool_)
    if at.size > more:
        begins = (at[more:] - at[:-more] <= CHATTERING_S) & (source[more:] == source[:-more])
        for step in range(CHATTERING_COUNT):
            found[step : at.size - more + step] |= begins
    back = np.empty_like(found)
    back[order] = found
    return back


def is_fleeting(asks: Annunciations) -> Bools:
    """Return which annunciations cleared within `FLEETING_S` before anybody had done anything."""
    return (asks.cleared - asks.at <= FLEETING_S) & ~asks.is_touched


def _longest_open(open_times: Stretches) -> dict[int, float]:
    """Return, by source, how long the alert that was open longest had been open by then."""
    lengths = open_times.until - open_times.triggered
    order = np.argsort(open_times.source, kind="stable")
    found, first = np.unique(open_times.source[order], return_index=True)
    if not found.size:
        return {}
    return dict(zip(found.tolist(), np.maximum.reduceat(lengths[order], first).tolist(), strict=True))
