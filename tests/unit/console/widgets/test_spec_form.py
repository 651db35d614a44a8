"""Forms made from settings types: those of every protocol there is, and one that has everything."""

from dataclasses import replace
from enum import StrEnum
from typing import Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, SecretStr, model_validator
from PySide6.QtCore import QCoreApplication, QEvent, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

from console.widgets.spec_form import SpecForm
from console.widgets.spec_form_fields import Kind, fields_of
from console.widgets.spec_form_secret import SecretInput
from console.widgets.spec_form_special import PemInput
from console.widgets.theme import LIGHT, ThemeSource
from drivers.registry import DRIVERS

SEALED = {"$sealed": {"key": "k", "nonce": "n", "data": "d"}}


class Parity(StrEnum):
    NONE = "none"
    EVEN = "even"


class Everything(BaseModel):
    """A settings type that uses every convention."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    host: str = Field(title="Host", description="Name or address.", min_length=1, examples=["10.0.0.7"])
    port: int = Field(default=502, title="Port", ge=1, le=65535)
    timeout_s: float = Field(default=1.0, title="Time-out", ge=0.1, le=60, json_schema_extra={"unit": "s"})
    parity: Parity = Field(default=Parity.NONE, title="Parity", json_schema_extra={"group": "Line"})
    mode: Literal["push", "poll"] = Field(default="push", title="Mode")
    sign_in: Literal["nobody", "user"] = Field(default="nobody", title="Sign in as")
    user: str | None = Field(
        default=None, title="User", json_schema_extra={"shown_if": {"sign_in": ["user"]}}
    )
    password: SecretStr | None = Field(
        default=None,
        title="Password",
        json_schema_extra={"secret": True, "shown_if": {"sign_in": ["user"]}},
    )
    is_strict: bool = Field(default=False, title="Strict", json_schema_extra={"advanced": True})
    pause_ms: int | None = Field(
        default=None, title="Pause", ge=0, json_schema_extra={"unit": "ms", "advanced": True}
    )
    others: list[str] = Field(default=[], title="Other servers", json_schema_extra={"advanced": True})
    tty: str | None = Field(default=None, title="Port", json_schema_extra={"widget": "serial-port"})
    trusted: str | None = Field(default=None, title="Trusted", json_schema_extra={"widget": "certificate"})
    chain: str | None = Field(default=None, title="Chain", json_schema_extra={"widget": "pem"})

    @model_validator(mode="after")
    def _together(self):
        if self.user is None and self.sign_in == "user":
            raise ValueError("signing in as a user needs a user name")
        return self


@pytest.fixture
def form(qtbot):
    made = SpecForm(ThemeSource(LIGHT))
    qtbot.addWidget(made)
    made.resize(640, 700)
    made.show()
    yield made
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)


def sample(field):
    """Return a value other than the usual one that the field's type takes."""
    match field.kind:
        case Kind.CHOICE:
            return next(choice for choice in (*field.choices, None) if choice != field.default)
        case Kind.FLAG:
            return not field.default
        case Kind.INTEGER | Kind.NUMBER:
            low, high = field.low or 0, field.high if field.high is not None else 100
            number = next(one for one in (low, high, low + 1) if one != field.default)
            return float(number) if field.kind is Kind.NUMBER else int(number)
        case Kind.LIST:
            return ["one", "two"]
    return "a text"


@pytest.mark.parametrize("spec", DRIVERS, ids=lambda spec: spec.kind)
def test_every_field_of_every_protocol_has_a_widget_with_label_and_help(form, spec):
    form.show_settings(spec.settings_type, {})
    for field in fields_of(spec.settings_type):
        target = form.rows[field.name].target
        assert (field.title, field.help, target.objectName()) != ("", "", "")
        assert field.title in target.accessibleName()


@pytest.mark.parametrize("spec", DRIVERS, ids=lambda spec: spec.kind)
def test_what_decides_about_a_field_is_another_field_and_can_have_that_value(spec):
    fields = {field.name: field for field in fields_of(spec.settings_type)}
    for field in fields.values():
        for name, values in field.shown_if:
            assert set(values) <= {*fields[name].choices, True, False}, (field.name, name)


@pytest.mark.parametrize("spec", [*DRIVERS, None], ids=lambda spec: spec.kind if spec else "everything")
def test_what_is_stored_comes_out_again(form, spec):
    settings_type = spec.settings_type if spec else Everything
    stored = {field.name: sample(field) for field in fields_of(settings_type) if not field.shown_if}
    form.show_settings(settings_type, stored)
    assert form.values() == stored


@pytest.mark.parametrize("spec", DRIVERS, ids=lambda spec: spec.kind)
def test_a_form_that_nobody_touched_stores_nothing_but_what_must_be_given(form, spec):
    form.show_settings(spec.settings_type, {})
    assert form.values() == {}
    assert set(form.faults) <= {field.name for field in form.fields if field.is_required} | {""}


@pytest.mark.parametrize("spec", DRIVERS, ids=lambda spec: spec.kind)
def test_a_number_beyond_its_limit_is_said_at_its_field(form, spec):
    form.show_settings(spec.settings_type, {})
    for field in form.fields:
        if field.kind in (Kind.INTEGER, Kind.NUMBER) and field.high is not None and not field.shown_if:
            form.inputs[field.name].target.setText(str(field.high * 10 + 1))
            assert "at most" in form.rows[field.name].error
            form.inputs[field.name].target.setText("")


def test_numbers_are_read_as_people_type_them(form):
    form.show_settings(Everything, {"host": "a"})
    form.inputs["timeout_s"].target.setText("2,5")
    assert form.values() == {"host": "a", "timeout_s": 2.5}
    form.inputs["timeout_s"].target.setText("two")
    assert form.rows["timeout_s"].error == "'two' is not a number."
    assert not form.check()


def test_nothing_is_complained_of_before_it_was_touched(form):
    form.show_settings(Everything, {})
    assert form.rows["host"].error == ""
    form.check(is_everything_said=True)
    assert form.rows["host"].error == "Host is missing."
    assert form.focus_fault()


def test_fields_come_and_go_with_what_decides_about_them(form):
    form.show_settings(Everything, {"host": "a"})
    assert form.rows["user"].isHidden()
    form.inputs["sign_in"].target.setCurrentText("user")
    assert not form.rows["user"].isHidden()
    assert "needs a user name" in form.findChild(QLabel, "spec-form-whole").text()
    form.inputs["user"].target.setText("eva")
    assert form.check()
    assert form.values() == {"host": "a", "sign_in": "user", "user": "eva"}
    form.inputs["sign_in"].target.setCurrentText("nobody")
    assert form.values() == {"host": "a"}


def test_advanced_fields_are_folded_away_until_asked_for_or_wrong(form):
    form.show_settings(Everything, {"host": "a", "pause_ms": 4})
    more = form.findChild(QPushButton, "spec-form-more")
    assert (more.text(), form.rows["pause_ms"].isHidden()) == ("▸ 3 more settings, 1 not as usual", True)
    QTest.keyClick(more, Qt.Key.Key_Space)
    assert not form.rows["pause_ms"].isHidden()


def test_a_stored_secret_is_never_shown_and_goes_out_as_it_came(form):
    stored = {"host": "a", "sign_in": "user", "user": "eva", "password": SEALED}
    form.show_settings(Everything, stored)
    field = form.inputs["password"]
    assert field.target.isHidden()
    assert form.values() == stored
    form.findChild(QPushButton, "spec-password-replace").click()
    field.target.setText("new one")
    assert form.values()["password"] == "new one"
    form.findChild(QPushButton, "spec-password-keep").click()
    assert form.values() == stored
    form.findChild(QPushButton, "spec-password-remove").click()
    assert "password" not in form.values()


def test_what_two_protocols_have_in_common_is_kept_and_usual_values_are_not(form):
    class Other(BaseModel):
        host: str = Field(title="Host")
        port: int = Field(default=802, title="Port")

    form.show_settings(Everything, {})
    form.inputs["host"].target.setText("plc.local")
    form.change_type(Other, may_fetch=False)
    assert form.values() == {"host": "plc.local"}
    assert form.inputs["port"].target.placeholderText() == "usually 802"


def test_what_an_earlier_release_left_out_is_concluded_and_is_no_change(form):
    class Grown(Everything):
        @model_validator(mode="before")
        @classmethod
        def _conclude(cls, given):
            return {"sign_in": "user", **given} if "user" in given else given

    stored = {"host": "a", "user": "eva", "password": SEALED}
    form.show_settings(Grown, stored)
    assert not form.rows["user"].isHidden()
    assert form.values() == stored
    form.inputs["sign_in"].target.setCurrentText("nobody")
    assert form.values() == {"host": "a", "sign_in": "nobody"}


def test_what_was_changed_is_marked_with_what_was_stored(form):
    form.show_settings(Everything, {"host": "a"})
    label = next(one for one in form.rows["host"].findChildren(QLabel) if one.buddy() is not None)
    form.inputs["host"].target.setText("b")
    assert (label.text(), "Stored: a" in label.toolTip()) == ("Host •", True)
    form.inputs["host"].target.setText("a")
    assert label.text() == "Host"


def test_the_field_with_the_keyboard_is_explained(qtbot, form):
    form.show_settings(Everything, {})
    told = []
    form.helped.connect(lambda title, words: told.append((title, words)))
    form.activateWindow()
    qtbot.waitUntil(form.isActiveWindow)
    form.inputs["timeout_s"].target.setFocus()
    assert told[-1] == ("Time-out", "Possible: 0.1 to 60\N{NO-BREAK SPACE}s. Usually 1\N{NO-BREAK SPACE}s.")


def test_a_private_key_is_read_from_a_file_and_never_shown_again(qtbot, tmp_path):
    field = replace(next(one for one in fields_of(Everything) if one.name == "chain"), is_secret=True)
    path = tmp_path / "key.pem"
    path.write_text("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")
    widget = SecretInput(field, lambda _parent: path)
    qtbot.addWidget(widget)
    widget.findChild(QPushButton, "spec-chain-file").click()
    assert str(widget.value()).startswith("-----BEGIN PRIVATE KEY-----")
    widget.show_value(SEALED)
    assert (widget.value(), widget.target.toPlainText()) == (SEALED, "")


def test_a_file_that_is_no_pem_is_said_to_be_none(qtbot, tmp_path):
    chain = next(field for field in fields_of(Everything) if field.name == "chain")
    path = tmp_path / "photo.jpg"
    path.write_bytes(b"\xff\xd8")
    field = PemInput(chain, lambda _parent: path)
    qtbot.addWidget(field)
    field.findChild(QPushButton, "spec-chain-file").click()
    assert "photo.jpg holds no PEM text" in field.target.placeholderText()


def test_ports_of_the_station_are_offered_and_what_was_typed_stays(form):
    form.show_settings(Everything, {"host": "a", "tty": "/dev/ttyS7"})
    form.offer_ports([("/dev/ttyUSB0", "USB-RS485 Cable")])
    assert form.values()["tty"] == "/dev/ttyS7"
    form.inputs["tty"].target.activated.emit(0)
    assert form.values()["tty"] == "/dev/ttyUSB0"
