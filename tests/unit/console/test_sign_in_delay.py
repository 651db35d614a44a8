from pathlib import Path

import pytest

from console import sign_in_delay
from console.sign_in_delay import SignInDelay
from models.errors import Refusal, SignInRefused


class Clock:
    def __init__(self) -> None:
        self.unix = 1.8e9

    def __call__(self) -> float:
        return self.unix


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def delay(tmp_path: Path, clock: Clock) -> SignInDelay:
    return SignInDelay(tmp_path / "sign-in.json", clock)


def fail(delay: SignInDelay, times: int, key: str = "a") -> None:
    for _ in range(times):
        delay.failed(key)


def test_four_failures_cost_nothing(delay):
    fail(delay, 4)
    delay.check("a")


@pytest.mark.parametrize(("failures", "told"), [(5, "30 s"), (6, "60 s"), (7, "2 min"), (8, "4 min")])
def test_each_further_failure_doubles_the_wait(delay, failures, told):
    fail(delay, failures)
    with pytest.raises(SignInRefused, match=f"try again in {told}") as caught:
        delay.check("a")
    assert caught.value.reason is Refusal.LOCKED


def test_nobody_waits_longer_than_fifteen_minutes(delay):
    fail(delay, 40)
    with pytest.raises(SignInRefused, match="try again in 15 min"):
        delay.check("a")


def test_the_wait_ends(delay, clock):
    fail(delay, 5)
    clock.unix += 29.0
    with pytest.raises(SignInRefused, match="try again in 1 s"):
        delay.check("a")
    clock.unix += 1.0
    delay.check("a")


def test_a_success_ends_the_counting(delay):
    fail(delay, 4)
    assert delay.failures("a") == 4
    delay.succeeded("a")
    fail(delay, 1)
    assert delay.failures("a") == 1


def test_one_person_does_not_make_another_wait(delay):
    fail(delay, 9)
    delay.check("b")


def test_a_restart_does_not_shorten_the_wait(delay, tmp_path, clock):
    fail(delay, 5)
    with pytest.raises(SignInRefused):
        SignInDelay(tmp_path / "sign-in.json", clock).check("a")


def test_a_clock_that_is_set_back_does_not_shorten_the_wait(delay, clock):
    fail(delay, 5)
    clock.unix -= 3600.0
    with pytest.raises(SignInRefused, match="try again in 30 s"):
        delay.check("a")


def test_two_windows_count_together(delay, tmp_path, clock):
    other = SignInDelay(tmp_path / "sign-in.json", clock)
    fail(delay, 3)
    fail(other, 2)
    with pytest.raises(SignInRefused):
        delay.check("a")


def test_failures_are_forgotten_after_a_day(delay, clock):
    fail(delay, 9)
    clock.unix += 86_401.0
    assert delay.failures("a") == 0


def test_invented_addresses_do_not_push_out_the_one_that_is_guessed(delay, tmp_path, clock, monkeypatch):
    # As many as are remembered, and some: a thousand take six seconds of writing.
    monkeypatch.setattr(sign_in_delay, "_REMEMBERED_AT_MOST", 30)
    fail(delay, 5)
    for number in range(40):
        delay.failed(f"invented {number}")
    with pytest.raises(SignInRefused):
        SignInDelay(tmp_path / "sign-in.json", clock).check("a")


@pytest.mark.parametrize("content", ["", "[]", '{"a": 1}', '{"a": {"count": "x", "last_unix": 0}}'])
def test_a_damaged_file_is_counted_anew(tmp_path, clock, content):
    (tmp_path / "sign-in.json").write_text(content)
    delay = SignInDelay(tmp_path / "sign-in.json", clock)
    delay.check("a")
    fail(delay, 5)
    with pytest.raises(SignInRefused):
        delay.check("a")


def test_without_a_place_to_write_it_counts_as_long_as_the_program_runs(tmp_path, clock):
    (tmp_path / "file").write_text("")
    delay = SignInDelay(tmp_path / "file" / "sign-in.json", clock)
    fail(delay, 5)
    with pytest.raises(SignInRefused):
        delay.check("a")
