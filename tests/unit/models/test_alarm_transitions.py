"""The table of ISA-18.2's figure: what every event makes of every state, one cell at a time."""

import pytest

from models.alarm_states import AlarmEvent, AlarmFacts, AlarmState, state_of, step

# One letter a fact; a name of a state in the table below is the state's letter with what lies under it.
_FACTS = {
    "o": "is_open",
    "s": "is_standing",
    "a": "is_acknowledged",
    "L": "is_latching",
    "G": "is_shelved",
    "1": "is_one_shot",
    "H": "is_suppressed",
}
# name: (state as shown, facts; x = out of service)
STATES = {
    "A": ("A", ""),
    "B": ("B", "os"),
    "C": ("C", "osa"),
    "D": ("D", "o"),
    "A.L": ("A", "L"),
    "B.L": ("B", "osL"),
    "C.L": ("C", "osaL"),
    "E": ("E", "oL"),
    "F": ("F", "oaL"),
    "G/A": ("G", "G"),
    "G/B": ("G", "osG"),
    "G/C": ("G", "osaG"),
    "G/D": ("G", "oG"),
    "G/A.L": ("G", "LG"),
    "G/B.L": ("G", "osLG"),
    "G/C.L": ("G", "osaLG"),
    "G/E": ("G", "oLG"),
    "G/F": ("G", "oaLG"),
    "G1/A": ("G", "G1"),
    "G1/B": ("G", "osG1"),
    "G1/C": ("G", "osaG1"),
    "G1/D": ("G", "oG1"),
    "G1/B.L": ("G", "osLG1"),
    "G1/C.L": ("G", "osaLG1"),
    "G1/E": ("G", "oLG1"),
    "G1/F": ("G", "oaLG1"),
    "G1/A.L": ("G", "LG1"),
    "H/A": ("H", "H"),
    "H/B": ("H", "osH"),
    "H/C": ("H", "osaH"),
    "H/D": ("H", "oH"),
    "H/A.L": ("H", "LH"),
    "H/B.L": ("H", "osLH"),
    "H/C.L": ("H", "osaLH"),
    "H/E": ("H", "oLH"),
    "H/F": ("H", "oaLH"),
    "GH/A": ("G", "GH"),
    "GH/B": ("G", "osGH"),
    "GH/C": ("G", "osaGH"),
    "I": ("I", "x"),
    "I.L": ("I", "xL"),
    "I/D": ("D", "xo"),
    "I/E": ("E", "xoL"),
    "I/F": ("F", "xoaL"),
    "I/G": ("I", "xG"),
    "I/G1": ("I", "xG1"),
    "I/H": ("I", "xH"),
    "I/GH": ("I", "xGH"),
    "I/G/D": ("G", "xoG"),
}
# A dot: nothing changes. An exclamation mark: an operator is asked (horn, flashing).
TABLE = """
        raised cleared acknowledged reset realarm_due shelved shelved_once unshelved suppressed unsuppressed disabled enabled
A       B!     .       .            .     .           G/A     G1/A         .         H/A        .            I        .
B       .      D       C            .     .           G/B     G1/B         .         H/B        .            I/D      .
C       .      A       .            .     B!          G/C     G1/C         .         H/C        .            I        .
D       B!     .       A            A     .           G/D     G1/D         .         H/D        .            I/D      .
A.L     B.L!   .       .            .     .           G/A.L   G1/A.L       .         H/A.L      .            I.L      .
B.L     .      E       C.L          .     .           G/B.L   G1/B.L       .         H/B.L      .            I/E      .
C.L     .      F       .            .     B.L!        G/C.L   G1/C.L       .         H/C.L      .            I/F      .
E       B.L!   .       F            A.L   .           G/E     G1/E         .         H/E        .            I/E      .
F       B.L!   .       .            A.L   .           G/F     G1/F         .         H/F        .            I/F      .
G/A     G/B    .       .            .     .           .       .            A         GH/A       .            I/G      .
G/B     .      G/A     G/C          .     .           .       .            B!        GH/B       .            I/G      .
G/C     .      G/A     .            .     .           .       .            B!        GH/C       .            I/G      .
G/D     G/B    .       G/A          G/A   .           .       .            A         *          .            I/G/D    .
G/B.L   .      G/E     G/C.L        .     .           .       .            B.L!      *          .            *        .
G/C.L   .      G/F     .            .     .           .       .            B.L!      *          .            *        .
G/E     G/B.L  .       G/F          G/A.L .           .       .            E         *          .            *        .
G/F     G/B.L  .       .            G/A.L .           .       .            F         *          .            *        .
G1/A    G1/B   .       .            .     .           .       .            A         *          .            I/G1     .
G1/B    .      A       G1/C         .     .           .       .            B!        *          .            I        .
G1/C    .      A       .            .     .           .       .            B!        *          .            I        .
G1/D    G1/B   .       G1/A         G1/A  .           .       .            A         *          .            *        .
G1/B.L  .      E       G1/C.L       .     .           .       .            B.L!      *          .            I/E      .
G1/C.L  .      F       .            .     .           .       .            B.L!      *          .            I/F      .
H/A     H/B    .       .            .     .           GH/A    *            .         .          A            I/H      .
H/B     .      H/A     H/C          .     .           GH/B    *            .         .          B!           I/H      .
H/C     .      H/A     .            .     .           GH/C    *            .         .          B!           I/H      .
H/D     H/B    .       H/A          H/A   .           *       *            .         .          A            *        .
H/B.L   .      H/E     H/C.L        .     .           *       *            .         .          B.L!         *        .
H/C.L   .      H/F     .            .     .           *       *            .         .          B.L!         *        .
H/E     H/B.L  .       H/F          H/A.L .           *       *            .         .          E            *        .
H/F     H/B.L  .       .            H/A.L .           *       *            .         .          F            *        .
GH/A    GH/B   .       .            .     .           .       .            H/A       .          G/A          I/GH     .
GH/B    .      GH/A    GH/C         .     .           .       .            H/B       .          G/B          I/GH     .
GH/C    .      GH/A    .            .     .           .       .            H/C       .          G/C          I/GH     .
I       .      .       .            .     .           I/G     I/G1         .         I/H        .            .        A
I/D     .      .       I            I     .           I/G/D   *            .         *          .            .        D
I/E     .      .       I/F          I.L   .           *       *            .         *          .            .        E
I/F     .      .       .            I.L   .           *       *            .         *          .            .        F
I/G     .      .       .            .     .           .       .            I         I/GH       .            .        G/A
I/H     .      .       .            .     .           I/GH    *            .         .          I            .        H/A
"""  # noqa: E501 - a table is read by its columns


def facts(name):
    letters = STATES[name][1]
    chosen = {attribute: letter in letters for letter, attribute in _FACTS.items()}
    return AlarmFacts(is_in_service="x" not in letters, **chosen)


def _cells():
    head, *rows = [line.split() for line in TABLE.strip().splitlines()]
    for name, *cells in rows:
        for event, cell in zip(head, cells, strict=True):
            yield name, AlarmEvent(event), cell


CELLS = list(_cells())
# What two hidings at once do to a latched alarm follows from the cells above; the properties see to it.
WANTED = [cell for cell in CELLS if cell[2] != "*"]


def test_the_table_has_a_column_for_every_event_and_a_row_for_every_state():
    names = {name for name, _event, _cell in CELLS}
    assert {event for _name, event, _cell in CELLS} == set(AlarmEvent)
    assert {AlarmState(STATES[name][0]) for name in names} == set(AlarmState)


@pytest.mark.parametrize("name", STATES)
def test_a_state_is_called_by_its_letter(name):
    assert state_of(facts(name)) == STATES[name][0]


def _is_as_the_cell_says(name, event, cell):
    before = facts(name)
    after = before if cell == "." else facts(cell.rstrip("!"))
    done = step(before, event)
    ends = (after.is_open and not before.is_open, before.is_open and not after.is_open)
    return (done.facts, done.annunciates, (done.opens, done.closes)) == (after, cell.endswith("!"), ends)


@pytest.mark.parametrize("name", dict.fromkeys(name for name, _event, _cell in WANTED))
def test_an_event_leads_from_a_state_to_the_next(name):
    row = [each for each in WANTED if each[0] == name]
    wrong = [
        f"{event}, not to {cell}" for _, event, cell in row if not _is_as_the_cell_says(name, event, cell)
    ]
    assert wrong == []
