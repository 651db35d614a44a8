"""A rollout at two real screens on a real database, by mouse alone."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from models.records.rollout import RolloutState, WaveState
from tests.account_parts import Site
from tests.flow.firmware_desk import Plant, desks


@pytest.fixture
def plant(newest_site: Site) -> Plant:
    made = Plant(newest_site)
    made.release_one()
    return made


@pytest.fixture
def open_desk(qtbot, qapp, database_url: str, tmp_path: Path) -> Iterator:
    with desks(qtbot, database_url, tmp_path) as opened:
        yield opened


# The offscreen plugin's own words for what a window manager does.
@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
def test_a_rollout_is_planned_approved_started_stopped_and_gone_on_with(plant: Plant, open_desk) -> None:
    engineer, admin = open_desk(plant.engineer), open_desk(plant.admin)

    # The engineer plans; every device is listed with its reason before anything is kept.
    engineer.waits(lambda: engineer.panel.rollouts_page.is_populated())
    engineer.clicks("rollouts-new")
    engineer.waits(lambda: engineer.panel.plan_desk.dialog and engineer.panel.plan_desk.dialog.draft)
    drafted = engineer.panel.plan_desk.dialog.draft
    assert [one.wave for one in drafted.devices].count(None) == 1
    engineer.writes("plan-name", "Drives in spring")
    engineer.clicks("rollout-plan-dialog-go")
    engineer.waits(lambda: engineer.is_offered("edit") and engineer.is_free())
    assert plant.rollout.state is RolloutState.AWAITING_APPROVAL
    assert plant.rollout.plan == drafted.plan
    assert not engineer.is_offered("approve")

    # The second person hears of it at another window, and approves.
    admin.waits(lambda: admin.is_offered("approve"))
    admin.clicks("rollout-approve")
    admin.writes("rollout-order-reason", "Tried on the bench")
    admin.clicks("rollout-order-go")
    admin.waits(lambda: plant.rollout.state is RolloutState.APPROVED and admin.is_free())

    engineer.waits(lambda: engineer.is_offered("start"))
    engineer.clicks("rollout-start")
    engineer.clicks("rollout-order-go")
    engineer.waits(lambda: plant.rollout.state is RolloutState.RUNNING and engineer.is_free())
    assert plant.waves[0] is WaveState.DEPLOYING

    # Anybody stops it; going on after a pause is the planner's, after a halt two persons'.
    admin.waits(lambda: admin.is_offered("pause"))
    admin.clicks("rollout-pause")
    admin.writes("rollout-order-reason", "Shift change")
    admin.clicks("rollout-order-go")
    engineer.waits(lambda: engineer.is_offered("resume") and admin.is_free())
    engineer.clicks("rollout-halt")
    engineer.writes("rollout-order-reason", "Drive 2 smells")
    engineer.clicks("rollout-order-go")
    engineer.waits(lambda: engineer.is_offered("ask-override") and engineer.is_free())
    assert (plant.rollout.state, plant.rollout.reason) == (RolloutState.HALTED, "Drive 2 smells")
    engineer.clicks("rollout-ask-override")
    engineer.writes("rollout-order-reason", "It was the coffee machine")
    engineer.clicks("rollout-order-go")
    engineer.waits(lambda: engineer.is_free() and not engineer.is_offered("ask-override"))
    assert not engineer.is_offered("agree")

    admin.waits(lambda: admin.is_offered("agree"))
    admin.clicks("rollout-agree")
    admin.clicks("rollout-order-go")
    engineer.waits(lambda: engineer.is_offered("pause"))
    assert plant.rollout.state is RolloutState.RUNNING
    kinds = {approval.kind: approval.person for approval in plant.rollout.approvals}
    assert kinds["override agreed"] == plant.admin.name
