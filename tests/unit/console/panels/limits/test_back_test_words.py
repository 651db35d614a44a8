from datetime import UTC, datetime

import pytest

from console.panels.limits.back_test_timeline import real_spans, replayed_spans
from console.panels.limits.back_test_words import acted_line, verdict_text
from tests.unit.console.panels.limits.limits_scene import make_report
from tests.unit.console.panels.plant_scene import NOW, make_device, make_thresholds

DEVICE = make_device(4)
LIMIT = make_thresholds(DEVICE)[0]


def report(**facts):
    return make_report(DEVICE, LIMIT, **facts)


@pytest.mark.parametrize(
    ("missed", "words"),
    [
        (0, "412 → 9 alerts in 30 days. None of the 3 that somebody acted on would have been missed."),
        (1, "412 → 9 alerts in 30 days. 1 of the 3 that somebody acted on would have been missed."),
        (3, "412 → 9 alerts in 30 days. 3 of the 3 that somebody acted on would have been missed."),
    ],
)
def test_the_verdict_counts_and_says_whether_anything_that_mattered_is_lost(missed, words):
    assert verdict_text(report(missed=missed), 30) == words


@pytest.mark.parametrize(
    ("acted", "missed", "end"),
    [
        (0, 0, "Nobody acted on any in this time."),
        (1, 0, "The one that somebody acted on would have come as well."),
        (1, 1, "The one that somebody acted on would have been missed."),
    ],
)
def test_the_verdict_about_one_or_none_is_a_sentence_too(acted, missed, end):
    found = report(acted=acted, missed=missed, episodes=1, days=1)
    assert verdict_text(found, 1) == f"412 → 1 alert in 24 hours. {end}"


def test_a_new_threshold_has_nothing_to_be_compared_with():
    assert verdict_text(report(), 7, is_new=True) == "9 alerts in 7 days with these settings."


def test_the_timeline_shows_every_real_alert_and_marks_those_acted_on_and_missed():
    found = report(missed=1)
    spans = real_spans(found)
    assert (len(spans), sum(s.is_acted_on for s in spans), sum(s.is_missed for s in spans)) == (415, 3, 1)
    assert len(replayed_spans(found)) == 9


def test_an_alert_that_somebody_acted_on_says_who_did_what():
    alert = report().test.acted_on[1]
    began, message, done = acted_line(alert, datetime.fromtimestamp(NOW, UTC))
    assert (message, done) == (alert.message, "acknowledged by Anna Berg, 1 comment")
    assert began
