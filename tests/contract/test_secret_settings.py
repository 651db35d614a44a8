"""Every protocol's settings: what is secret is marked, named as the database knows it, and never shown."""

import pytest
from pydantic import SecretStr, ValidationError

from drivers.driver import DriverSpec
from drivers.registry import DRIVERS
from models.secret_names import is_secret_name
from models.secrets import target_of

SETTINGS = [
    pytest.param(spec, name, id=f"{spec.kind}-{name}")
    for spec in DRIVERS
    for name in spec.settings_type.model_fields
]


@pytest.mark.parametrize(("spec", "name"), SETTINGS)
def test_a_setting_is_secret_by_mark_by_name_and_by_type_or_not_at_all(spec: DriverSpec, name: str) -> None:
    field = spec.settings_type.model_fields[name]
    extra = field.json_schema_extra if isinstance(field.json_schema_extra, dict) else {}
    signs = {bool(extra.get("secret")), is_secret_name(name), "SecretStr" in str(field.annotation)}
    assert len(signs) == 1


@pytest.mark.parametrize("spec", [pytest.param(spec, id=spec.kind) for spec in DRIVERS])
def test_refused_settings_do_not_repeat_what_was_given(spec: DriverSpec) -> None:
    names = spec.settings_type.model_fields
    secret = [name for name, field in names.items() if "SecretStr" in str(field.annotation)]
    given = dict.fromkeys(secret, "to-be-hidden") | {"no such setting": "x"}
    with pytest.raises(ValidationError) as caught:
        spec.settings_type.model_validate(given)
    assert "to-be-hidden" not in str(caught.value)


# What a field says about itself in its name or description, where it decides who receives a secret.
ADDRESSES = ("endpoint", "host", "port", "url", "address", "server", "security", "tls")


@pytest.mark.parametrize(("spec", "name"), SETTINGS)
def test_every_setting_that_names_a_server_binds_the_secrets(spec: DriverSpec, name: str) -> None:
    is_bound = target_of("", {name: "x"}) != ()
    assert is_bound == any(word in name for word in ADDRESSES)


def test_the_type_that_hides_is_the_one_meant() -> None:
    assert "to-be-hidden" not in repr(SecretStr("to-be-hidden"))
