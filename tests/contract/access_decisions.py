"""Who may do what, decided once: the tests hold the database to it, and ARCHITECTURE.md prints it.

A table that is not in DECISIONS, or a function somebody may call that is not in CALLS, fails the tests:
whoever adds one decides here.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Login(StrEnum):
    """Everybody who tries. All of them are real logins that connect themselves."""

    ADMIN = "admin"
    OPERATOR = "operator"
    ENGINEER = "engineer"  # owns the device that the rows in question are about
    STRANGER = "stranger"  # an engineer too, with another device
    STATION = "station"
    GUEST = "guest"  # a member of all four groups, but by another database of the server
    NOBODY = "nobody"  # a login of the server that has nothing to do with this program


class Outcome(StrEnum):
    """What came of a try."""

    DONE = "done"
    NOTHING = "nothing"  # allowed, and there was no row to see or change
    REFUSED = "refused"


class Verb(StrEnum):
    """What is tried. Its first letter stands for it in a Decision."""

    SELECT = "select"
    INSERT = "insert"
    UPDATE = "update"
    DELETE = "delete"


@dataclass(frozen=True, slots=True)
class Decision:
    """What four roles may do with a table: a letter a verb, S I U D of any row, s i u d of what is their own.

    Attributes:
        row: SQL that finds the row the tries are about.
        insert: Every column that may be given to a new row, with a value in SQL.
        update: Every column that may be changed.
        is_open: Says nothing about anybody, so no question is asked.
    """

    admin: str
    operator: str
    engineer: str
    station: str
    row: str = "device_id = 201"
    insert: Mapping[str, str] = field(default_factory=dict)
    update: frozenset[str] = frozenset()
    is_open: bool = False

    def expected(self, login: Login, verb: Verb) -> Outcome:
        """Return what must come of it."""
        letter = verb[0]
        every = self.admin + self.operator + self.engineer + self.station
        match login:
            case Login.GUEST:
                return self._of_guest(every, verb)
            case Login.NOBODY:
                letters = ""
            case Login.STRANGER:
                letters = self.engineer
            case _:
                letters = getattr(self, login)
        if letter.upper() in letters or (letter in letters and login is Login.ENGINEER):
            return Outcome.DONE
        if letter in letters and verb is not Verb.INSERT:
            return Outcome.NOTHING
        return Outcome.REFUSED

    def _of_guest(self, every: str, verb: Verb) -> Outcome:
        if verb is Verb.INSERT or verb[0] not in every.lower():
            return Outcome.REFUSED
        return Outcome.DONE if self.is_open else Outcome.NOTHING


_DEVICE = {
    "device_id": "'NEW'",
    "name": "'New'",
    "type": "'drive'",
    "location": "'Hall A'",
    "user_id": "103",
    "metadata": "'{}'",
}
_THRESHOLD = {
    "metric_type": "'rpm'",
    "min_value": "1",
    "max_value": "2",
    "severity": "'info'",
    "enabled": "true",
    "deadband": "0",
    "on_delay_s": "0",
    "off_delay_s": "0",
    "rule": "'limit'",
    "amount": "NULL",
    "latching": "false",
    "requires_comment": "false",
    "realarm_s": "60",
    "cause": "''",
    "consequence": "''",
    "operator_action": "''",
    "respond_within_s": "60",
    "disabled_reason": "''",
}
_SETTINGS = frozenset({"max_shelf_s", "max_maintenance_s", "operator_positions", "shifts", "time_zone"})
_VERSION = {
    "version": "'3.0.0+drive-a'",
    "firmware_url": "'x'",
    "release_notes": "''",
    "manifest": "NULL",
    "signatures": "'{}'",
}
_PERMIT = {
    "permit": """convert_to('{"expires_at":"2999-01-01T00:00:00Z","from_version":"2.0.0","""
    """"product":"drive-a","serial":"any","to_version":"1.0.0"}', 'UTF8')""",
    "signatures": "'{}'",
}

_CHANNEL = {
    "name": "'New'",
    "kind": "'webhook'",
    "enabled": "true",
    "host": "''",
    "port": "587",
    "security": "'tls'",
    "username": "''",
    "sender": "''",
    "url": "'http://127.0.0.1/'",
    "secret_header": "''",
    "secret": "NULL",
    "authorities": "''",
}
_RULE = {
    "name": "'New'",
    "channel_id": "501",
    "enabled": "true",
    "severities": "'{info}'",
    "roles": "'{}'",
    "persons": "'{}'",
    "addresses": "'{}'",
    "shifts": "'{}'",
    "locations": "'{}'",
    "devices": "'{}'",
    "delay_s": "0",
    "window_s": "0",
}

_SIGNAL = {
    "label": "'Flow'",
    "unit": "'m³/h'",
    "decimals": "1",
    "plausible_low": "0",
    "plausible_high": "100",
    "span_low": "0",
    "span_high": "50",
    "states": "'[]'",
}

DECISIONS = {
    "users": Decision("S", "S", "s", "", row="id = 103"),
    "persons": Decision("S", "S", "S", "S", row="id = 103"),
    "stations": Decision("S", "S", "S", "S", row="id = 401"),
    "station_leases": Decision("S", "S", "S", "S", row="station_id = 401"),
    "device_leases": Decision("S", "S", "s", "S"),
    "lease_history": Decision("S", "S", "s", "S"),
    "lease_watch": Decision("", "", "", "", row="true"),
    "station_orders": Decision("S", "S", "", "S", row="true"),
    "devices": Decision(
        *("SIU", "S", "siu", "S"),
        row="id = 201",
        insert=_DEVICE,
        update=frozenset({*_DEVICE, "deleted_at"}),
    ),
    "alert_thresholds": Decision(
        *("SIUD", "S", "siud", "S"),
        insert={"device_id": "201", "user_id": "103", **_THRESHOLD},
        update=frozenset({"user_id", *_THRESHOLD}),
    ),
    "sensor_readings": Decision("S", "S", "s", "S"),
    "readings_1m": Decision("S", "S", "s", "S"),
    "readings_1h": Decision("S", "S", "s", "S"),
    "device_latest": Decision("S", "S", "s", "S"),
    "device_health": Decision("S", "S", "s", "S"),
    "device_revisions": Decision("S", "S", "s", "S"),
    "signals": Decision(
        *("SIU", "S", "Siu", "S"),
        row="id = 701",
        insert={"key": "'level'", "user_id": "103", **_SIGNAL},
        update=frozenset({*_SIGNAL, "retired_at"}),
    ),
    "signal_readings": Decision("S", "S", "s", "S"),
    "signal_latest": Decision("S", "S", "s", "S"),
    "signal_1m": Decision("S", "S", "s", "S"),
    "signal_1h": Decision("S", "S", "s", "S"),
    "rollup_dirty": Decision("S", "S", "s", "S"),
    "rollup_progress": Decision("S", "S", "S", "S", row="only_one", is_open=True),
    "alerts": Decision("S", "S", "s", "S"),
    "alert_events": Decision("S", "S", "s", "S"),
    "alert_shelves": Decision("S", "S", "s", "S"),
    "device_maintenance": Decision("S", "S", "s", "S"),
    "alarm_settings": Decision("SU", "S", "S", "S", row="only_one", update=_SETTINGS),
    "alert_inbox": Decision("", "", "", "", row="true"),
    "shift_handovers": Decision("S", "S", "", "", row="true"),
    "ota_versions": Decision(
        *("SIUD", "S", "SIud", "S"), row="id = 302", insert=_VERSION, update=frozenset({*_VERSION, "status"})
    ),
    "ota_permits": Decision("SID", "S", "SId", "S", row="id = 801", insert=_PERMIT),
    "firmware_settings": Decision(
        *("SU", "S", "S", "S"), row="only_one", update=frozenset({"signatures_needed"})
    ),
    "ota_deployments": Decision("S", "S", "s", "S"),
    "ota_rollouts": Decision("S", "S", "s", "S", row="id = 801"),
    "ota_waves": Decision("S", "S", "s", "S", row="rollout_id = 801"),
    "ota_approvals": Decision("S", "S", "s", "S", row="rollout_id = 801"),
    "ota_events": Decision("S", "S", "s", "S", row="rollout_id = 801"),
    "ota_moves": Decision("S", "S", "S", "S", row="of = 'wave'", is_open=True),
    "audit_log": Decision("S", "", "", "", row="true"),
    "audit_head": Decision("S", "", "", "S", row="true"),
    "audit_pending": Decision("", "", "", "", row="true"),
    "window_tickets": Decision("", "", "", "", row="true"),
    "workstations": Decision("S", "S", "", "", row="true"),
    "field_keys": Decision("S", "S", "", "", row="true"),
    "wrapped_keys": Decision("S", "", "", "", row="true"),
    "notification_channels": Decision(
        *("SIUD", "", "", ""), row="id = 502", insert=_CHANNEL, update=frozenset(_CHANNEL)
    ),
    "notification_rules": Decision(
        *("SIUD", "", "", ""), row="id = 601", insert=_RULE, update=frozenset(_RULE)
    ),
    "notification_inbox": Decision("", "", "", "", row="true"),
    "notification_items": Decision("S", "", "", "", row="true"),
    "notification_deliveries": Decision("S", "", "", "", row="true"),
    "notification_health": Decision("S", "", "", "", row="true"),
    "schema_revision": Decision("S", "S", "S", "S", row="true", is_open=True),
    "schema_support": Decision("S", "S", "S", "S", row="true", is_open=True),
}

# Which of Admin, Operator, Engineer and Station may call a function; what is not here, nobody may. The right
# to call is the outer door: a function asks for the person's or station's own row besides.
_CALLERS = {
    "A": """
        accounts anonymise_person approve_workstation change_email create_field_key create_person
        create_station end_sessions lock_secrets rename_person reset_password reset_station_password
        revoke_workstation rotate_field_key set_person_active set_person_role set_station_enabled
        test_notification retry_notifications cancel_notifications
        assign_devices drain_station order_station withdraw_station_order
    """,
    "AO": """
        notification_troubles write_handover discard_handover hand_over take_over take_signature_back
    """,
    "AOE": """
        acknowledge_alerts resolve_alerts change_my_password my_record needs_first_admin person_export
        register_ticket end_ticket comment_alerts shelve_thresholds unshelve_thresholds
        begin_maintenance end_maintenance pause_rollout halt_rollout
    """,
    "AOES": """
        admin_id operator_id person_id person_role station_id is_superuser known_login severity_rank
        latest_hour note_refusal note_sign_in enrolment_of request_key living_key count_secrets secrets_in
        is_secret_name is_well_sealed is_living lease_time may_see_rollout
    """,
    "AS": """
        ensure_partitions make_room_for close_minutes roll_step roll_late roll_minutes roll_hours
        roll_signal_minutes roll_signal_hours
    """,
    "AE": """
        note_device_write planned_devices save_rollout_plan submit_rollout approve_rollout return_rollout
        start_rollout resume_rollout ask_override agree_to_override soak_again abort_rollout
    """,
    "E": "hardware_ids_of_others",
    "S": """
        pass_time station_beat check_tickets
        end_sessions_in_the_way queue_notifications due_notification_channels claim_notification
        finish_notification note_channel_trouble enter_station leave_station renew_lease lease_ends
        record_readings record_readings_and_signals apply_finding record_device_states acknowledge_for
        record_device_health take_station_order note_device_write_for
        end_station_order conduct_rollouts move_wave conclude_rollout claim_deployments adopt_deployments
        tell_deployment begin_install end_deployment sequence_floor tell_second_look is_superseded
    """,
}
CALLS = {name: letters for letters, names in _CALLERS.items() for name in names.split()}

_WORDS = {"s": "see", "i": "add", "u": "change", "d": "remove"}


def rendered() -> str:
    """Return DECISIONS as the table of ARCHITECTURE.md."""
    lines = ["| table | admin | operator | engineer | station |", "| --- | --- | --- | --- | --- |"]
    for table, decision in DECISIONS.items():
        cells = (decision.admin, decision.operator, decision.engineer, decision.station)
        lines.append(f"| `{table}` | " + " | ".join(map(_in_words, cells)) + " |")
    return "\n".join(lines)


def _in_words(letters: str) -> str:
    every = ", ".join(_WORDS[letter.lower()] for letter in letters if letter.isupper())
    own = ", ".join(_WORDS[letter] for letter in letters if letter.islower())
    return "; ".join(words for words in (every, own and f"own: {own}") if words) or "–"
