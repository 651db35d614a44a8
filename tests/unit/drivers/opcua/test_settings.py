import pytest
from pydantic import ValidationError

from drivers.opcua.settings import OpcuaSettings


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("opc.tcp://127.0.0.1:4841/plant", "opc.tcp://127.0.0.1:4841/plant"),
        ("  opc.tcp://plc7:4840 ", "opc.tcp://plc7:4840"),
        ("opc.tcp://plc7/line/2", "opc.tcp://plc7:4840/line/2"),
        ("OPC.TCP://[fe80::1]:4840/x", "opc.tcp://[fe80::1]:4840/x"),
    ],
)
def test_endpoint_is_kept_in_full(typed: str, kept: str) -> None:
    assert OpcuaSettings(endpoint=typed).endpoint == kept


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("http://plc7:4840", "must begin with opc.tcp://"),
        ("plc7:4840", "must begin with opc.tcp://"),
        ("opc.tcp://:4840/x", "needs a host and a port"),
        ("opc.tcp://plc7:99999", "no valid port"),
        ("opc.tcp://plc7:zero", "no valid port"),
        ("opc.tcp://plc7:0", "needs a host and a port"),
        ("opc.tcp://me:secret@plc7:4840", "must not hold a user name or password"),
        ("opc.tcp://plc 7:4840", "must not hold spaces"),
    ],
)
def test_wrong_endpoint_is_refused_with_its_reason(typed: str, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OpcuaSettings(endpoint=typed)


def test_password_in_an_endpoint_is_not_repeated_in_the_reason() -> None:
    with pytest.raises(ValidationError) as caught:
        OpcuaSettings(endpoint="opc.tcp://me:secret@plc7:4840")
    assert "secret" not in caught.value.errors()[0]["msg"]


def test_security_that_is_not_offered_is_refused_naming_what_is() -> None:
    with pytest.raises(
        ValidationError, match=r"'Basic512' is not offered; choose one of None, Basic256Sha256"
    ):
        OpcuaSettings(endpoint="opc.tcp://plc7:4840", security="Basic512")


def test_unknown_setting_is_refused() -> None:
    with pytest.raises(ValidationError, match="Extra inputs"):
        OpcuaSettings(endpoint="opc.tcp://plc7:4840", user="me")


def test_every_setting_describes_itself() -> None:
    assert all(field.description for field in OpcuaSettings.model_fields.values())


def test_host_and_port_come_out_of_the_endpoint() -> None:
    settings = OpcuaSettings(endpoint="opc.tcp://[fe80::1]:4841/x")
    assert (settings.host, settings.port) == ("fe80::1", 4841)


ENDPOINT = "opc.tcp://plc7:4840"


def test_password_is_never_shown() -> None:
    settings = OpcuaSettings(endpoint=ENDPOINT, username="reader", password="to-be-hidden")
    shown = repr(settings) + str(settings) + repr(settings.session_key) + settings.model_dump_json()
    assert "to-be-hidden" not in shown


def test_refused_settings_do_not_repeat_the_password() -> None:
    with pytest.raises(ValidationError) as caught:
        OpcuaSettings.model_validate(
            {"endpoint": 7, "username": "reader", "password": "to-be-hidden", "x": 1}
        )
    assert "to-be-hidden" not in str(caught.value)


def test_password_needs_a_user_name() -> None:
    with pytest.raises(ValidationError, match="a password needs a user name"):
        OpcuaSettings(endpoint=ENDPOINT, password="x")


def test_empty_user_name_and_password_are_none() -> None:
    settings = OpcuaSettings(endpoint=ENDPOINT, username="", password="")
    assert (settings.username, settings.password) == (None, None)


def test_settings_with_another_password_share_no_session() -> None:
    keys = {
        OpcuaSettings(endpoint=ENDPOINT, username=user, password=password).session_key
        for user, password in (("a", "x"), ("a", "y"), ("b", "x"), ("a", "x"), (None, None))
    }
    assert len(keys) == 4
