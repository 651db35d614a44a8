"""A rollout as columns of waves."""

from dataclasses import replace
from datetime import timedelta

import pytest

from console.panels.firmware.pictured import HALTED, RUNNING
from console.panels.firmware.rollout_mark import Mark
from console.panels.firmware.wave_rows import Group, HeadRow, columns_of, tally
from models.records.rollout import DeploymentStatus, Outcome, Step, WaveState
from tests.unit.console.panels.firmware.firmware_scene import rollout


def _name(device: int) -> str:
    return f"Device {device}"


@pytest.fixture
def running():
    return columns_of(rollout(RUNNING), _name)


def test_waves_stand_in_their_order_and_what_is_left_out_behind_them(running):
    assert [column.title for column in running] == ["Wave 1: canaries", "Wave 2", "Wave 3", "Left out"]


def test_failures_come_first_then_who_waits_then_who_is_under_way(running):
    heads = [row.group for row in running[1].rows(frozenset()) if isinstance(row, HeadRow)]

    assert heads == [Group.FAILED, Group.WAITING, Group.UNDER_WAY]


def test_what_is_done_is_folded_to_a_count(running):
    assert running[0].rows(frozenset()) == [HeadRow(Group.DONE, 3, is_open=False, can_fold=True)]
    assert len(running[0].rows(frozenset({Group.DONE}))) == 4


def test_each_device_says_what_it_waits_for(running):
    waiting = [row for row in running[1].devices if row.group is Group.WAITING]

    assert waiting[0].words == "waits for its window, 22:00 to 05:00"


def test_a_transfer_says_how_far_it_is(running):
    sent = next(row for row in running[1].devices if row.group is Group.UNDER_WAY)

    assert (sent.words, sent.share) == ("sending, 64 %", 0.64)


def test_a_wave_says_how_far_it_has_come(running):
    assert [tally(column) for column in running] == [
        "3 of 3 done",
        "0 of 5 done, 1 failed",
        "0 of 12 done",
        "4 devices",
    ]


def test_a_wave_that_has_not_begun_began_at_no_time(running):
    assert [column.since is None for column in running] == [False, False, True, True]


def test_a_wave_that_is_watched_says_until_when():
    now = rollout(RUNNING)
    soaking = replace(now.waves[1], state=WaveState.SOAKING)
    column = columns_of(replace(now, waves=(now.waves[0], soaking, now.waves[2])), _name)[1]

    assert column.until == soaking.since + timedelta(hours=1)


def test_a_halted_wave_says_why_and_has_a_mark_of_its_own():
    failed = columns_of(rollout(HALTED), _name)[1]

    assert failed.mark is Mark.WRONG
    assert failed.reason.startswith("Alerts came 3.4 times as often")


def test_a_plan_that_has_not_begun_shows_its_devices():
    columns = columns_of(rollout("draft"), _name)

    assert {row.group for row in columns[0].devices} == {Group.PLANNED}
    assert columns[0].devices[0].words == "canary of drive-a, hardware A1"
    assert {row.group for row in columns[-1].devices} == {Group.OUT}
    assert columns[-1].devices[0].words == "it runs 2.1.0 already"


def test_a_device_that_was_given_up_before_its_turn_did_not_fail():
    now = rollout(RUNNING)
    given_up = [
        replace(one, status=DeploymentStatus.FAILED, step=Step.FAILED, outcome=Outcome.NOT_BEGUN)
        for one in now.deployments
    ]
    columns = columns_of(replace(now, deployments=tuple(given_up)), _name)

    assert columns[2].count(Group.FAILED) == 0
