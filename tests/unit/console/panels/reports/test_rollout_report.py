"""The closing report of a rollout as a document: names are no markup, failures come first."""

from dataclasses import replace
from datetime import UTC, datetime

from console.panels.reports.rollout_report import ClosingReport, closing_html
from models.quantities import THE_SIX
from models.records.device import Device, DeviceId
from models.records.firmware import FirmwareKeyId, FirmwareVersion, Signature, VersionId, VersionStatus
from models.records.rollout import (
    Approval,
    Deployment,
    DeploymentId,
    DeploymentStatus,
    Outcome,
    PlannedDevice,
    PlanSettings,
    Rollout,
    RolloutEvent,
    RolloutId,
    RolloutPlan,
    RolloutState,
    Step,
    Wave,
    WaveId,
    WaveState,
)

AT = datetime(2030, 5, 1, 12, tzinfo=UTC)
KEY = FirmwareKeyId("ab" * 16)
DONE = Deployment(
    *(DeploymentId(1), RolloutId(7), WaveId(3), DeviceId(1), DeploymentStatus.COMPLETED, Step.DONE),
    *(Outcome.UPDATED, 1, 100, 10, "1.0.0", "2.0.0", "SN-1", "", "", 1, 1, AT, AT, None, None),
)
FAILED = replace(
    DONE,
    device=DeviceId(2),
    status=DeploymentStatus.FAILED,
    step=Step.FAILED,
    outcome=Outcome.TIMED_OUT,
    error="Rebooting took longer than 300 s.",
)
PLAN = RolloutPlan(
    1,
    PlanSettings(),
    (
        PlannedDevice(DeviceId(1), 0, "canary", is_canary=True),
        PlannedDevice(DeviceId(3), None, "it is <b>odd</b>"),
    ),
)
REPORT = ClosingReport(
    Rollout(
        *(RolloutId(7), "Hall <B>", 1, "2.0.0+drive-a", RolloutState.COMPLETED_WITH_FAILURES, "1 failed.", 1),
        *("Anna", AT, AT, AT, PLAN, b"\1" * 32, (Approval(2, "Boris", "plan", b"", "in the <lab>", AT),)),
    ),
    FirmwareVersion(
        *(VersionId(1), "2.0.0+drive-a", "file:///x", "", VersionStatus.RELEASED, "drive-a", ("A1",), 2, 10),
        *(b"\2" * 32, AT, b"{}", (Signature(KEY, b""), Signature(FirmwareKeyId("cd" * 16), b"")), AT, 1),
        *("Anna", AT, 2, "Boris", None),
    ),
    [Wave(WaveId(3), RolloutId(7), 0, WaveState.PASSED, AT, "Nothing speaks against the update.")],
    [DONE, FAILED],
    [RolloutEvent(AT, "Anna", "halted", "smells <bad>", DeviceId(2))],
    {
        DeviceId(n): Device(DeviceId(n), f"D-{n}", f"Drive {n}", "drive", "Hall", "modbus-tcp", {}, 1.0, ())
        for n in (1, 2, 3)
    },
    THE_SIX,
    "Europe/Berlin",
    AT,
)


def test_everything_that_was_decided_and_came_of_it_is_in_the_report() -> None:
    html = closing_html(REPORT, {KEY: "release"})
    for words in (
        "Rollout 7 of 2.0.0+drive-a: completed with failures.",
        "1 of 2 devices run it, 1 do not.",
        f"SHA-256 {'02' * 32}",
        f"{KEY} (release)",
        f"{'cd' * 16} (a key that this computer does not know)",
        "1 May 2030 14:00: Boris approved the plan: in the &lt;lab&gt;",
        f"SHA-256 of the plan: {'01' * 32}",
        "timed out: Rebooting took longer than 300 s.",
        "smells &lt;bad&gt;",
        "it is &lt;b&gt;odd&lt;/b&gt;",
        "Hall &lt;B&gt;",
    ):
        assert words in html
    assert html.index("<b>D-2</b>") < html.index("<b>D-1</b>")


def test_a_rollout_that_has_not_begun_says_so() -> None:
    fresh = replace(REPORT.rollout, state=RolloutState.DRAFT, started_at=None, ended_at=None, approvals=())
    html = closing_html(replace(REPORT, rollout=fresh, waves=[], deployments=[]), {})
    assert "It has not begun." in html
    assert "Nobody has approved it." in html
