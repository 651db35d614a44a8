"""What no database could keep is found before anything is stored, and named with its place."""

import json
from typing import Any

import pytest

from console.catalogue.document import document_from_entries, entries_from_document
from console.catalogue.errors import DocumentFault
from console.catalogue.json_text import object_from_json, unstorable

Row = dict[str, Any]


def faults_of(text: str) -> str:
    with pytest.raises(DocumentFault) as caught:
        entries_from_document(object_from_json(text))
    return str(caught.value)


def text_of(*rows: Row) -> str:
    return json.dumps({"devices": list(rows)})


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", "document: is empty."),
        ('{"devices": [', "line 1, column 14: is no JSON"),
        ("[" * 100_000, "nested too deeply"),
        ('{"devices": ' + "9" * 5000 + "}", "more than 4300 digits"),
        ('{"devices": [], "devices": []}', "devices: stands there more than once"),
    ],
)
def test_a_text_that_is_no_document_is_told_in_one_sentence(text: str, expected: str) -> None:
    assert expected in faults_of(text)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"name": "a\0b"}, ", name: holds a control character (U+0000)"),
        ({"name": "\x1b[31mred"}, ", name: holds a control character (U+001B)"),
        ({"name": "a\ud800b"}, ", name: holds half a character (U+D800)"),
        ({"name": " \t"}, ", name: "),
        ({"device_id": "  "}, ", device_id: must not be empty."),
        ({"connection": {"host": "a\0b"}}, ", connection.host: holds a control character (U+0000)"),
        ({"connection": {"host": "a", "unit": True}}, ", connection.unit: True is not a whole number."),
        ({"connection": {"host": "a", "unit": "2"}}, ", connection.unit: '2' is not a whole number."),
        ({"period_s": True}, ", period_s: True is not a number."),
        ({"period_s": "1"}, ", period_s: '1' is not a number."),
        ({"metadata": {"k": ["x\0"]}}, ", metadata.k[0]: holds a control character (U+0000)"),
        ({"metadata": {"k\0": 1}}, ", metadata: the key 'k\\x00' holds a control character (U+0000)"),
        ({"metadata": {"k": "\udfff"}}, ", metadata.k: holds half a character"),
        ({"metadata": {"k": float("nan")}}, ", metadata.k: nan is not a finite number."),
        ({"metadata": {"k": 10**400}}, ", metadata.k: is a number of more than 64 bits"),
    ],
)
def test_what_no_database_could_keep_is_named(drive: Row, change: Row, expected: str) -> None:
    assert expected in faults_of(text_of({**drive, **change}))


def test_a_key_given_twice_is_refused_rather_than_one_of_them_dropped(drive: Row) -> None:
    text = text_of(drive).replace('"unit": 2', '"unit": 2, "unit": 3')

    assert "connection: the key 'unit' stands there more than once; keep one." in faults_of(text)


def test_metadata_that_no_export_could_write_is_refused(drive: Row) -> None:
    deep: Row = {}
    for _ in range(60):
        deep = {"a": deep}

    assert "metadata: is nested deeper than 32 levels." in faults_of(text_of({**drive, "metadata": deep}))


def test_metadata_may_hold_lines_and_any_script(drive: Row) -> None:
    drive |= {"name": "Ofen 🔥 é", "metadata": {"note": "first\nsecond\t", "深": [1, 2.5, None, True]}}

    (entry,) = entries_from_document(object_from_json(text_of(drive)))

    assert document_from_entries([entry])["devices"] == [drive | {"thresholds": _defaults_left_out(drive)}]


def test_spaces_around_an_id_do_not_make_another_device(drive: Row) -> None:
    assert "ids are unique" in faults_of(text_of(drive, {**drive, "device_id": "DRIVE-02 "}))


def test_an_id_that_would_garble_the_list_of_faults_is_not_shown(drive: Row) -> None:
    assert "\x1b" not in faults_of(text_of({**drive, "device_id": "\x1b[31m"}))


def _defaults_left_out(drive: Row) -> list[Row]:
    return [
        {**threshold, "max": float(threshold["max"]), "on_delay_s": float(threshold["on_delay_s"])}
        for threshold in drive["thresholds"]
    ]


def test_certificates_of_a_connection_may_have_lines_and_nothing_else_of_it():
    pem = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
    device = {"connection": {"user_certificate": pem, "endpoint": "opc.tcp://a\nb"}, "name": pem}
    refused = "holds a control character (U+000A); remove it."
    assert sorted(unstorable(device)) == [("connection.endpoint", refused), ("name", refused)]
