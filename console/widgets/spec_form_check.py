"""What a settings type says of what was typed: one sentence a field, in an engineer's words. Pure."""

import json
from collections.abc import Mapping

from pydantic import BaseModel, ValidationError

from console.catalogue.wording import sentence_from_error
from console.widgets.spec_form_fields import SpecField, json_from
from models.records.device import JsonValue
from models.secret_names import is_sealed

WHOLE = ""
"""Key of what is wrong with the settings as a whole."""


def faults_of(
    settings_type: type[BaseModel], fields: tuple[SpecField, ...], values: Mapping[str, JsonValue]
) -> dict[str, str]:
    """Return what is wrong, by field; empty where the settings can be used.

    Sealed secrets count as given. What a field that is not shown complains of is said of the whole.
    """
    filled = {name: "sealed" if is_sealed(value) else value for name, value in values.items()}
    try:
        # By way of JSON, because only there strict validation still takes an enumeration's text.
        settings_type.model_validate_json(json.dumps(filled), strict=True)
    except ValidationError as error:
        known = {field.name: field for field in fields}
        faults: dict[str, str] = {}
        for found in error.errors():
            name = str(found["loc"][0]) if found["loc"] else WHOLE
            sentence = sentence_from_error(found)
            place = name if name in known else WHOLE
            title = known[name].title if name in known else name.replace("_", " ").capitalize()
            faults.setdefault(place, sentence_with(title, sentence))
        return faults
    except ValueError as error:
        return {WHOLE: f"{error}."}
    return {}


def implied_by(
    settings_type: type[BaseModel], fields: tuple[SpecField, ...], stored: Mapping[str, JsonValue]
) -> dict[str, JsonValue]:
    """Return what fields are that are not stored: usual, unless the type concludes it from what is.

    A connection stored by an earlier release may leave out what was added since.
    """
    found: dict[str, JsonValue] = {field.name: field.default for field in fields}
    filled = {name: "sealed" if is_sealed(value) else value for name, value in stored.items()}
    try:
        settings = settings_type.model_validate_json(json.dumps(filled), strict=True)
    except ValueError:
        return found
    for field in fields:
        if field.name not in stored and not field.is_secret:
            found[field.name] = json_from(getattr(settings, field.name))
    return found


def sentence_with(title: str, sentence: str) -> str:
    """Return a finding as a sentence: "must not be empty." becomes "Host must not be empty."."""
    for beginning in ("is ", "must ", "holds ", "has "):
        if sentence.startswith(beginning):
            return f"{title} {sentence}".strip()
    return sentence[:1].upper() + sentence[1:]
