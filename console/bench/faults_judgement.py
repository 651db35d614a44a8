"""The end of every scenario: let everything settle, and tell what became of readings and alerts."""

import sys

from console.bench.faults_figures import none, of_alerts, of_readings
from console.bench.faults_site import FaultSite
from console.bench.figure import Figure


def judged(fault: str, site: FaultSite) -> list[Figure]:
    """Stop the site's stations and return the verdict on them; say what is known of what has no alert."""
    readings, alerts = site.settled()
    sys.stderr.writelines(f"{line}\n" for line in site.account(alerts))
    return [
        *of_readings(fault, readings),
        none(fault, "trespasses", len(site.trespasses()), "polls"),
        none(fault, "forgotten", site.forgotten(), "durable readings"),
        *of_alerts(fault, alerts),
    ]
