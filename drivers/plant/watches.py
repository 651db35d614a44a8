"""What is watched beside limits: rates, values that stand still or stay away, contact, clocks."""

from dataclasses import dataclass

from drivers.plant.advice import CLOCK_OFF, SENSOR_FAILED, STARTED_COLD, STUCK, UNREACHED, Advice


@dataclass(frozen=True, slots=True)
class Watch:
    """One threshold of the import document that is no limit.

    Attributes:
        rule: As the import document calls it.
        metric: Empty where the device as a whole is judged.
        amount: What it means depends on the rule; 0 = none.
    """

    rule: str
    severity: str
    advice: Advice
    metric: str = ""
    amount: float = 0.0
    on_delay_s: float = 0.0
    deadband: float = 0.0


WATCHES: dict[str, tuple[Watch, ...]] = {
    "drive": (
        Watch("rate_of_change", "info", STARTED_COLD, "temperature", amount=6.0, deadband=1.0),
        Watch("bad_quality", "info", SENSOR_FAILED, "vibration", on_delay_s=10.0),
    ),
    "pump": (Watch("offline", "warning", UNREACHED, on_delay_s=10.0),),
    "hvac": (Watch("no_data", "info", SENSOR_FAILED, "pressure", amount=15.0),),
    # A minute without them is nothing unusual.
    "climate-sensor": (Watch("offline", "info", UNREACHED, on_delay_s=60.0),),
    "oven": (
        Watch("clock", "info", CLOCK_OFF, amount=5.0, deadband=1.0),
        Watch("frozen", "info", STUCK, "temperature", on_delay_s=120.0),
    ),
    "dryer": (Watch("bad_quality", "info", SENSOR_FAILED, "humidity", on_delay_s=10.0),),
    "mixer": (Watch("frozen", "info", STUCK, "temperature", on_delay_s=120.0),),
    "chiller": (Watch("rate_of_change", "warning", STARTED_COLD, "temperature", amount=4.0, deadband=1.0),),
}
"""By kind of machine. Where a kind names no rule on lost contact, the import adds its own."""
