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


@pytest.mark.parametrize(
    ("stored", "sign_in"),
    [
        ({}, "anonymous"),
        ({"security": "None", "username": "reader", "password": "x"}, "user"),
        ({"security": "None", "username": "", "password": ""}, "anonymous"),
    ],
)
def test_settings_of_before_there_was_a_choice_sign_in_as_they_did(stored: dict, sign_in: str) -> None:
    assert OpcuaSettings.model_validate({"endpoint": ENDPOINT} | stored).sign_in == sign_in


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"sign_in": "user"}, "sign-in by user needs a user name"),
        ({"sign_in": "certificate"}, "needs the user certificate and its private key"),
        ({"user_certificate": "x"}, "is no certificate in PEM"),
        ({"user_certificate": "-----BEGIN PRIVATE KEY-----"}, "holds a private key"),
        ({"server_certificate": "x"}, "is no certificate; fetch it from the server"),
        ({"server_certificate": "eHh4eA=="}, "is no certificate; fetch it from the server"),
        ({"server_certificate": "-----BEGIN RSA PRIVATE KEY-----"}, "is a private key, not a certificate"),
        ({"server_certificate": "-----BEGIN X-----"}, "This PEM holds no certificate"),
        ({"other_server_certificates": "-----BEGIN X-----"}, "This PEM holds no certificate"),
        ({"other_server_certificates": 7}, "valid tuple"),
        ({"other_endpoints": "plc8:4840"}, "must begin with opc.tcp://"),
        ({"other_endpoints": ["opc.tcp://plc8", "http://plc9"]}, "must begin with opc.tcp://"),
        ({"security_mode": "None"}, "'SignAndEncrypt' or 'Sign'"),
        ({"nodes_per_read": 0}, "greater than or equal to 1"),
    ],
)
def test_wrong_settings_are_refused_with_their_reason(given: dict, said: str) -> None:
    with pytest.raises(ValidationError, match=said):
        OpcuaSettings.model_validate({"endpoint": ENDPOINT} | given)


def test_certificates_are_taken_as_pem_or_base64_with_any_line_breaks(papers_office) -> None:
    papers = papers_office.self_signed()
    texts = [papers.pem, papers.base64, "\n".join(papers.pem.splitlines()[1:-1]), f" {papers.base64}\n"]
    kept = {OpcuaSettings(endpoint=ENDPOINT, server_certificate=text).server_certificate for text in texts}
    assert kept == {papers.base64}


def test_several_certificates_are_taken_from_one_text(papers_office) -> None:
    one, two = papers_office.self_signed(), papers_office.authority
    text = one.pem + two.pem
    for given in (text, text.splitlines(), [one.pem, two.pem], f"{one.base64}\n{two.base64}"):
        settings = OpcuaSettings(endpoint=ENDPOINT, other_server_certificates=given)
        assert settings.other_server_certificates == (one.base64, two.base64)


@pytest.mark.parametrize(
    "given", ["opc.tcp://b, opc.tcp://c", "opc.tcp://b\nopc.tcp://c", ["opc.tcp://b", " ", "opc.tcp://c"]]
)
def test_other_endpoints_are_taken_from_text_or_list(given: object) -> None:
    settings = OpcuaSettings(endpoint="opc.tcp://a", other_endpoints=given)
    assert settings.endpoints == ("opc.tcp://a:4840", "opc.tcp://b:4840", "opc.tcp://c:4840")


def test_settings_survive_storing(papers_office) -> None:
    settings = OpcuaSettings(
        endpoint=ENDPOINT, other_endpoints=["opc.tcp://b"], server_certificate=papers_office.authority.pem
    )
    assert OpcuaSettings.model_validate(settings.model_dump(mode="json")) == settings


def test_a_private_key_is_never_shown(papers_office) -> None:
    user = papers_office.authority
    settings = OpcuaSettings(
        endpoint=ENDPOINT, sign_in="certificate", user_certificate=user.pem, user_private_key=user.key_pem
    )
    secret = user.key_pem.splitlines()[2]
    assert secret not in repr(settings) + repr(settings.session_key) + settings.model_dump_json()


def test_whatever_decides_over_a_session_keeps_others_from_sharing_it() -> None:
    variants = [
        {},
        {"security": "Basic256Sha256"},
        {"security": "Basic256Sha256", "security_mode": "Sign"},
        {"security": "Basic256Sha256", "host_check": False},
        {"security": "Basic256Sha256", "application_uri": "urn:a"},
        {"other_endpoints": "opc.tcp://b"},
        {"nodes_per_read": 5},
        {"items_per_call": 5},
        {"timeout_s": 2.0},
        {"username": "a"},
    ]
    keys = {OpcuaSettings.model_validate({"endpoint": ENDPOINT} | given).session_key for given in variants}
    assert len(keys) == len(variants)
