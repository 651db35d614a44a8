"""Whose turn it is, with times given by hand."""

import asyncio

from drivers.modbus.address import Table
from drivers.modbus.requests import ReadRequest
from drivers.modbus.settings_parts import LineRules
from drivers.modbus.turns import ANSWERS_BETWEEN_SUSPECTS, SUSPECT_TURN_S, Exchange, Turns


def wanting(turns: Turns, unit: int, now: float, timeout_s: float = 1.0) -> Exchange:
    loop = asyncio.new_event_loop()
    exchange = Exchange(ReadRequest(unit, Table.HOLDING, 0, 1), timeout_s, loop.create_future())
    loop.close()
    exchange.queued_at = now
    turns.waiting.append(exchange)
    return exchange


def send(turns: Turns, now: float) -> Exchange | None:
    exchange = turns.take(now)
    for sent in filter(None, [exchange]):
        sent.sent_at = now
        turns.begin(sent)
    return exchange


def fall_silent(turns: Turns, unit: int, now: float) -> None:
    wanting(turns, unit, now)
    exchange = send(turns, now)
    assert exchange is not None
    turns.silent(exchange)
    turns.end(exchange, now)


def test_first_come_first_served() -> None:
    turns = Turns(LineRules())
    first, second = wanting(turns, 1, 0.0), wanting(turns, 2, 0.0)
    assert [send(turns, 0.0), send(turns, 0.0)] == [first, second]


def test_unit_never_has_two_requests_under_way() -> None:
    turns = Turns(LineRules())
    first, again, other = wanting(turns, 1, 0.0), wanting(turns, 1, 0.0), wanting(turns, 2, 0.0)
    assert [send(turns, 0.0), send(turns, 0.0), send(turns, 0.0)] == [first, other, None]
    turns.end(first, 0.1)
    assert send(turns, 0.1) is again


def test_line_is_free_when_the_answer_came_or_the_turn_is_over() -> None:
    turns = Turns(LineRules(turn_s=0.05))
    exchange = wanting(turns, 1, 0.0)
    send(turns, 10.0)
    assert turns.free_at() == 10.05
    turns.end(exchange, 10.01)
    assert turns.free_at() <= 10.01


def test_turn_grows_with_the_usual_answer_but_not_beyond_the_time_out() -> None:
    turns = Turns(LineRules(turn_s=0.05))
    for took_s in (0.2, 0.2, 0.2):
        exchange = wanting(turns, 1, 0.0)
        send(turns, 0.0)
        turns.answered(exchange, took_s)
        turns.end(exchange, took_s)
    wanting(turns, 1, 0.0)
    send(turns, 1.0)
    assert 1.55 < turns.free_at() < 1.65
    wanting(turns, 2, 0.0, timeout_s=0.3)
    send(turns, 2.0)
    assert turns.free_at() == 2.3


def test_one_slow_answer_hardly_lengthens_turns() -> None:
    turns = Turns(LineRules(turn_s=0.02))
    for took_s in (0.005, 0.005, 0.9):
        exchange = wanting(turns, 1, 0.0)
        send(turns, 0.0)
        turns.answered(exchange, took_s)
        turns.end(exchange, took_s)
    wanting(turns, 1, 0.0)
    send(turns, 1.0)
    assert turns.free_at() == 1.02


def test_suspect_waits_behind_the_others_and_has_a_short_turn() -> None:
    turns = Turns(LineRules())
    fall_silent(turns, 1, 0.0)
    suspect, other = wanting(turns, 1, 1.0), wanting(turns, 2, 1.0)
    assert [send(turns, 1.0), send(turns, 1.0)] == [other, suspect]
    assert turns.free_at() == 1.0 + SUSPECT_TURN_S


def test_suspect_that_waited_its_time_out_goes_first() -> None:
    turns = Turns(LineRules())
    fall_silent(turns, 1, 0.0)
    suspect = wanting(turns, 1, 1.0)
    wanting(turns, 2, 1.5)
    assert send(turns, 2.0) is suspect


def test_suspects_on_a_line_for_one_request_wait_until_several_others_were_answered() -> None:
    turns = Turns(LineRules(max_in_flight=1, turn_s=0.0))
    for unit in (1, 2):
        fall_silent(turns, unit, 0.0)
    suspects = [wanting(turns, 1, 1.0), wanting(turns, 2, 1.0)]
    for at in range(ANSWERS_BETWEEN_SUSPECTS):
        well = wanting(turns, 3, 5.0 + at)
        assert send(turns, 5.0 + at) is well
        turns.answered(well, 5.1 + at)
        turns.end(well, 5.1 + at)
    wanting(turns, 3, 20.0)
    assert send(turns, 20.0) is suspects[0]


def test_suspects_hold_only_half_of_the_places() -> None:
    turns = Turns(LineRules(max_in_flight=4))
    for unit in (1, 2, 3):
        fall_silent(turns, unit, 0.0)
    for unit in (1, 2, 3):
        wanting(turns, unit, 1.0)
    assert send(turns, 1.0) is not None
    assert send(turns, 1.0) is not None
    assert send(turns, 9.0) is None
    well = wanting(turns, 4, 9.0)
    assert send(turns, 9.0) is well


def test_answer_clears_suspicion() -> None:
    turns = Turns(LineRules())
    fall_silent(turns, 1, 0.0)
    suspect = wanting(turns, 1, 1.0)
    send(turns, 1.0)
    turns.answered(suspect, 1.01)
    turns.end(suspect, 1.01)
    first, _ = wanting(turns, 1, 2.0), wanting(turns, 2, 2.0)
    assert send(turns, 2.0) is first


def test_pause_follows_every_answer() -> None:
    turns = Turns(LineRules(pause_s=0.2))
    exchange = wanting(turns, 1, 0.0)
    send(turns, 0.0)
    turns.end(exchange, 0.5)
    assert turns.free_at() == 0.7
    assert not turns.is_idle
