"""Which answers may still come, and what is asked before one could be taken for another."""

from drivers.modbus.address import Table
from drivers.modbus.late_answers import LateAnswers
from drivers.modbus.line_health import LATE_ANSWER_S
from drivers.modbus.requests import ReadRequest

FIRST = ReadRequest(3, Table.HOLDING, 0, 2)
SECOND = ReadRequest(3, Table.HOLDING, 100, 2)
OTHER_TABLE = ReadRequest(3, Table.INPUT, 0, 2)


def test_another_request_of_the_same_function_is_in_doubt_for_a_while() -> None:
    late = LateAnswers()
    late.owe(FIRST, 10.0)
    assert late.is_in_doubt(SECOND, 10.1)
    assert not late.is_in_doubt(SECOND, 10.1 + LATE_ANSWER_S)


def test_same_request_other_function_and_other_unit_are_not_in_doubt() -> None:
    late = LateAnswers()
    late.owe(FIRST, 10.0)
    for request in (FIRST, OTHER_TABLE, ReadRequest(4, Table.HOLDING, 100, 2)):
        assert not late.is_in_doubt(request, 10.1)


def test_answer_of_another_function_proves_that_nothing_older_follows() -> None:
    late = LateAnswers()
    late.owe(FIRST, 10.0)
    late.answered(FIRST)
    assert late.is_in_doubt(SECOND, 10.1), "the answer may have been the late one"
    late.answered(OTHER_TABLE)
    assert not late.is_in_doubt(SECOND, 10.1)


def test_question_resembles_nothing_that_is_owed() -> None:
    late = LateAnswers()
    functions: list[int] = []
    while (question := late.question_for(3, 10.0)) is not None:
        functions.append(question.function)
        late.owe(question, 10.0)
    assert sorted(functions) == [1, 2, 3, 4]
    assert late.question_for(3, 10.0 + LATE_ANSWER_S) is not None
