from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from console.panels.settings.audit_parts import Known
from console.panels.settings.audit_words import (
    OPERATION_WORDS,
    Span,
    change_label,
    changes_of,
    changes_text,
    entry_title,
    field_text,
    since_of,
    subject_text,
    table_words,
    value_shown,
    verdict_text,
)
from models.records.audit import (
    AuditAnchor,
    AuditFault,
    AuditOperation,
    AuditVerdict,
    BrokenLink,
)
from tests.unit.console.panels.settings.account_parts import NOW_AT, entry

HEAD = AuditAnchor(142_310, "ab" * 32)


def test_a_change_reads_field_by_field_with_roles_in_plain_words():
    assert changes_text(entry(1)) == "Role: Engineer → Operator"
    assert entry_title(entry(1)) == "Eva Lind changed User 2"


def test_a_refusal_says_what_was_tried_and_a_sign_in_what_failed_before():
    refused = entry(1, AuditOperation.REFUSED, table="", key="", before={}, after={"what": "Changing a role"})
    signed_in = entry(2, AuditOperation.SIGNED_IN, table="", key="", before={}, after={"failed_before": 3})

    assert (entry_title(refused), changes_text(refused)) == ("Eva Lind was refused", "Changing a role")
    assert (entry_title(signed_in), changes_text(signed_in)) == (
        "Eva Lind signed in",
        "after 3 failed attempts",
    )
    assert subject_text(refused) == "–"


def test_what_is_added_shows_its_values_and_what_is_removed_those_it_had():
    values = {"name": "Drive 1", "location": ""}

    assert changes_text(entry(1, AuditOperation.ADDED, before={}, after=values)) == "Name: Drive 1"
    assert changes_text(entry(1, AuditOperation.REMOVED, before=values, after={})) == "Name: Drive 1"


def test_fields_are_read_by_people_names_first_and_nothing_empty():
    after = {
        "id": 7,
        "user_id": None,
        "metadata": {"driver": "modbus-tcp"},
        "deleted_at": "2026-05-04T12:00:00.123456+00:00",
        "name": "Drive 7",
        "is_active": True,
        "value": 61.660000000000004,
    }

    assert [change.column for change in changes_of(entry(1, before={}, after=after))] == [
        "name",
        "is_active",
        "deleted_at",
        "metadata",
        "value",
    ]
    shown = {change.column: change.after for change in changes_of(entry(1, before={}, after=after))}
    assert shown["metadata"] == "modbus-tcp"
    assert (shown["is_active"], shown["value"]) == ("yes", "61.66")
    assert shown["deleted_at"].startswith("2026-05-0")
    assert "." not in shown["deleted_at"]


DRIVE = {
    "driver": "modbus-tcp",
    "connection": {"host": "10.0.0.7", "unit": 2, "password": {"$sealed": {"key": "a"}}},
    "period_s": 1.0,
    "tags": [{"metric": "rpm", "address": "holding:1", "scale": 1.0, "offset": 0.0}],
}


def words(**sides) -> list[tuple[str, str, str]]:
    made = entry(1, **({"table": "devices", "before": {}, "after": {}} | sides))
    return [(change_label(one), one.before, one.after) for one in changes_of(made)]


def test_settings_of_a_device_are_told_field_by_field_as_its_form_names_them():
    now = DRIVE | {
        "connection": {"host": "10.0.0.8", "unit": 2, "password": {"$sealed": {"key": "b"}}},
        "period_s": 2.5,
        "tags": [{"metric": "rpm", "address": "holding:9:float32", "scale": 1.0, "offset": 0.0}],
        "parent": "GATEWAY-1",
    }

    assert words(before={"metadata": DRIVE}, after={"metadata": now}) == [
        ("Period", "1 s", "2.5 s"),
        ("Host", "10.0.0.7", "10.0.0.8"),
        ("password", "a secret", "another secret"),
        ("Tag Speed, address", "holding:1", "holding:9:float32"),
        ("Reached through", "", "GATEWAY-1"),
    ]


def test_a_device_that_was_added_or_removed_tells_what_was_set_and_no_secret():
    told = [
        ("Protocol", "Modbus TCP"),
        ("Period", "1 s"),
        ("Host", "10.0.0.7"),
        ("Unit id", "2"),
        ("password", "a secret"),
        ("Tag Speed", "holding:1"),
    ]

    assert words(after={"metadata": DRIVE}) == [(label, "", text) for label, text in told]
    assert words(before={"metadata": DRIVE}) == [(label, text, "") for label, text in told]


def test_any_other_settings_are_told_by_the_names_that_lead_to_them():
    before = {
        "plan": {"waves": [{"share": 5, "soak_s": 600}], "is_urgent": False, "areas": ["A", "B"], "pin": "1"}
    }
    after = {"plan": {"waves": [{"share": 10, "soak_s": 600}], "is_urgent": True, "areas": ["A"], "pin": "2"}}

    assert words(table="ota_rollouts", before=before, after=after) == [
        ("Plan › Waves › 1 › Share", "5", "10"),
        ("Plan › Is urgent", "no", "yes"),
        ("Plan › Areas", "A, B", "A"),
        ("Plan › Pin", "a secret", "another secret"),
    ]


def test_numbers_of_devices_are_told_by_name_where_one_is_known():
    added = entry(
        1, AuditOperation.ADDED, table="alerts", before={}, after={"device_id": 12, "status": "active"}
    )

    assert changes_text(added, Known({12: "Oven 2 (OVEN-02)"})) == "Device: Oven 2 (OVEN-02); Status: active"
    assert changes_text(added) == "Device: 12; Status: active"


def test_a_line_of_the_trail_says_a_dozen_fields_and_how_many_more_there_are():
    many = {"before": {"plan": dict.fromkeys(map(str, range(15)), 0)}, "after": {"plan": {}}}

    assert changes_text(entry(1, **many)).endswith("; and 3 fields more")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
        lambda inside: (
            st.lists(inside, max_size=4)
            | st.dictionaries(
                st.sampled_from(["driver", "connection", "tags", "period_s", "parent", "x"]),
                inside,
                max_size=4,
            )
        ),
    )
)
@settings(max_examples=60)
def test_no_content_of_the_trail_breaks_it_or_shows_as_json(value):
    for table in ("devices", "ota_rollouts"):
        made = entry(1, table=table, before={"metadata": {"tags": value}}, after={"metadata": value})
        assert not any("{'" in one.before + one.after for one in changes_of(made))
        changes_text(made)


def test_every_operation_has_words():
    assert set(OPERATION_WORDS) == set(AuditOperation)


def test_tables_and_columns_that_nobody_named_are_still_readable():
    assert table_words("rollout_waves") == "Rollout waves"
    assert field_text("firmware_url") == "Firmware url"


def test_a_value_of_ten_thousand_letters_is_cut_for_the_screen():
    assert len(value_shown("x" * 10_000)) == 2_001
    assert len(changes_text(entry(1, before={}, after={"metadata": "x" * 10_000}))) < 100


@pytest.mark.parametrize(
    ("span", "length"),
    [(Span.HOUR, timedelta(hours=1)), (Span.WEEK, timedelta(days=7))],
)
def test_a_span_counts_back_from_now(span, length):
    assert since_of(span, NOW_AT) == NOW_AT - length


def test_any_time_has_no_beginning():
    assert since_of(Span.ALL, NOW_AT) is None


def test_an_unbroken_trail_is_said_with_its_length():
    assert verdict_text(AuditVerdict(142_310, HEAD)) == "142,310 entries, unbroken."


def test_a_broken_trail_names_its_first_broken_link():
    broken = BrokenLink(7, AuditFault.CONTENT, NOW_AT, "Eva Lind", "Line 7 was changed after it was written.")

    assert verdict_text(AuditVerdict(6, HEAD, broken)) == (
        "The trail is broken: Line 7 was changed after it was written. "
        "The 6 entries before it are as they were written."
    )


def test_a_table_that_is_not_watched_any_more_is_named():
    verdict = AuditVerdict(3, HEAD, unwatched=("users", "devices"))

    assert "Changes are not recorded now for: Users, Devices" in verdict_text(verdict)


def test_a_row_whose_key_is_bytes_is_named_without_it():
    assert subject_text(entry(1, table="window_tickets", key="\\x1f2e")) == "Session"
    assert subject_text(entry(1, table="window_tickets", key="7")) == "Session 7"
