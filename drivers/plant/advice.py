"""What operators read when one of the plant's alerts comes: cause, consequence, what to do, and how soon."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Advice:
    """One alarm response (IEC 62682). `respond_within_s`: 0 = not said."""

    cause: str = ""
    consequence: str = ""
    action: str = ""
    respond_within_s: float = 0.0


NO_ADVICE = Advice()
WARM = Advice(
    "Dirty filter, warm hall, or more load than usual.",
    "Wear; the machine trips if it goes on.",
    "Check filter and fan. Reduce the load until it falls.",
    1800.0,
)
OVERHEATED = Advice(
    "Cooling has failed.",
    "The winding is damaged within minutes.",
    "Stop the machine and call maintenance.",
    300.0,
)
OVEN_HOT = Advice(
    "Cooling or damper stuck, or a burner that does not close.",
    "The batch is lost; above 250 °C the oven trips.",
    "1. Close the burner by hand.\n2. Open the damper.\n3. Take the batch out, then reset the alert.",
    300.0,
)
VIBRATION = Advice(
    "Worn bearing, loose foot, or imbalance (ISO 20816-3: above 4.5 mm/s not for long).",
    "The bearing seizes within hours.",
    "Listen at the bearing. Plan a change; stop the machine if it rises further.",
    3600.0,
)
PUMP_DRY = Advice(
    "Suction filter blocked, a valve closed, or a leak.",
    "The pump runs dry and the line behind it stops.",
    "Check the suction valve and filter; change to the spare pump.",
    600.0,
)
PRESSURE_LOW = Advice(
    "A leak in the net, or more consumption than the machine delivers.",
    "Valves and grippers fail below 480 kPa.",
    "Close the branches that are not needed, walk the line, and write down what you found.",
    900.0,
)
PRESSURE_HIGH = Advice(
    "A blocked outlet or a relief valve that does not open.",
    "The safety valve opens and the machine stops.",
    "Stop feeding and open the outlet.",
    300.0,
)
LOAD = Advice(
    "The machine is jammed or overloaded.", "The motor protection trips.", "Reduce the load.", 900.0
)
HUMID = Advice(
    "A door stands open, or the dehumidifier is off.",
    "Goods become damp over hours.",
    "Close doors and gates; check the air handler.",
)
STANDING = Advice("A planned stop, or the machine tripped.", "", "Nothing, if the stop was planned.")
LEVEL = Advice(
    "A valve does not open or close in time, or the next batch waits.",
    "The mixer runs dry, or spills over.",
    "Check the dosing valve and the outlet; stop the dosing if it goes on.",
    600.0,
)
STARTED_COLD = Advice(
    "The machine was started cold, or its cooling fails.", "", "Watch it until it has settled."
)
STUCK = Advice(
    "The sensor or its converter hangs: a living value always moves a little.",
    "Other alerts on this value cannot come.",
    "Compare with the display at the machine; restart the converter.",
)
SENSOR_FAILED = Advice(
    "Broken sensor or wire.",
    "The value is unknown, and its limits cannot be judged.",
    "Have the sensor checked; go by the display at the machine meanwhile.",
)
UNREACHED = Advice(
    "Power, cable, switch or gateway.",
    "Its values are unknown, and its other alerts can neither come nor clear.",
    "Look at the device and at its neighbours on the same line; restore the connection.",
    1800.0,
)
CLOCK_OFF = Advice(
    "The controller lost its time server.",
    "Its own records cannot be compared with ours.",
    "Set its clock, and check the time server.",
)
