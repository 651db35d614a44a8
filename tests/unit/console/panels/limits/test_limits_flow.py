"""Two engineers and a real database: edit, replay, store, and be told who was faster."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit, QPushButton
from sqlalchemy import text

from console.panels.limits.limits_page import LimitsPage
from console.widgets.flash import FlashClock
from console.widgets.theme import LIGHT, ThemeSource
from models.metrics import METRIC_COUNT
from models.queries.alerts import apply_transitions
from models.queries.catalogue import import_devices, load_devices
from models.queries.readings import insert_readings
from models.queries.thresholds import change_thresholds, threshold_entries
from models.records.alert import Transition, TransitionKind
from models.records.device import DeviceId
from models.records.device_entry import DeviceEntry
from models.records.person import Role
from models.records.reading import Reading
from models.records.threshold_entry import ThresholdEdit
from tests.unit.console.catalogue.threshold_parts import device, threshold
from tests.unit.console.panels.settings.settings_parts import bridge_of

LONG_MS = 30_000


@pytest.fixture
def anna(newest_site):
    return newest_site.add(Role.USER, "anna@example.org", "Anna Berg")


@pytest.fixture
def now_unix(newest_site, anna) -> float:
    """Anna's press ran hot for ten seconds in each of ten minutes, and was noticed twice."""
    with newest_site.owner.transaction() as connection:
        press = replace(device(1), id=DeviceId(0), user_id=anna.id)
        import_devices(connection, [DeviceEntry(press, (threshold(0, user_id=None),))])
        (known,) = threshold_entries(connection, datetime.now(UTC))
        now = float(connection.execute(text("SELECT floor(extract(epoch FROM now()))")).scalar_one())
        start = now - 7200
        rest = (20.0,) * (METRIC_COUNT - 1)
        limit = known.threshold
        readings = [
            Reading(limit.device, start + s, (75.0 if s % 60 < 10 else 60.0, *rest), 0) for s in range(600)
        ]
        insert_readings(connection, readings)
        found = [
            Transition(kind, limit.device, limit.id, limit.severity, start + at, 75.0, 70.0, "hot")
            for at in (0, 60)
            for kind, at in ((TransitionKind.RAISED, at), (TransitionKind.CLEARED, at + 10))
        ]
        apply_transitions(connection, found)
    return now


@pytest.fixture
def page(qtbot, newest_site, anna, now_unix):
    themes = ThemeSource()
    themes.use(LIGHT)
    with bridge_of(newest_site, anna, now_unix) as bridge:
        with newest_site.owner.transaction() as connection:
            bridge.set_catalogue(load_devices(connection))
        made = LimitsPage(bridge, themes, FlashClock(), lambda: now_unix, lambda *_, **__: None)
        qtbot.addWidget(made)
        made.show()
        qtbot.waitUntil(made.is_populated, timeout=LONG_MS)
        made.limits_list.wanted.emit("edit")
        qtbot.waitUntil(lambda: "→ 10 alerts" in made.editor.view.verdict, timeout=LONG_MS)
        yield made


def test_an_edit_is_replayed_on_real_readings_and_stored(qtbot, page, newest_site):
    assert page.editor.view.verdict.startswith("2 → 10 alerts in 7 days.")
    page.findChild(QLineEdit, "limit-on-delay").setText("20")
    qtbot.waitUntil(lambda: "→ 0 alerts" in page.editor.view.verdict, timeout=LONG_MS)
    page.findChild(QPushButton, "limit-save").click()
    qtbot.waitUntil(lambda: not page.is_editing, timeout=LONG_MS)
    with newest_site.owner.transaction() as connection:
        (after,) = threshold_entries(connection, datetime.now(UTC))
    assert (after.threshold.on_delay_s, after.changed_by) == (20.0, "Anna Berg")


def test_whoever_was_faster_is_named_and_their_value_shown(qtbot, page, newest_site):
    admin = newest_site.add(Role.ADMIN, "eva@example.org", "Eva Lind")
    with newest_site.signed_in(admin).transaction() as connection:
        (seen,) = threshold_entries(connection, datetime.now(UTC))
        wanted = replace(seen.threshold, max_value=72.0)
        change_thresholds(connection, [ThresholdEdit(seen, wanted)], admin)
    page.findChild(QLineEdit, "limit-max").setText("80")
    page.findChild(QPushButton, "limit-save").click()
    notice = page.findChild(QLabel, "limit-notice-words")
    qtbot.waitUntil(lambda: "Eva Lind changed this limit at" in notice.text(), timeout=LONG_MS)
    assert "Maximum 70 °C → 72 °C" in notice.text()
    assert "was changed by Eva Lind at" in page.editor._said.accessibleName()
    page.findChild(QPushButton, "limit-notice-1").click()
    page.findChild(QPushButton, "limit-save").click()
    qtbot.waitUntil(lambda: not page.is_editing, timeout=LONG_MS)
    with newest_site.owner.transaction() as connection:
        (after,) = threshold_entries(connection, datetime.now(UTC))
    assert after.threshold.max_value == 80.0
