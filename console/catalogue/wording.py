"""pydantic's findings in an engineer's words: value, limit, remedy."""

from typing import Any

from pydantic_core import ErrorDetails

from models.secret_names import is_secret_name

_LIMITS = {
    "greater_than": ("must be above", "gt"),
    "greater_than_equal": ("must be at least", "ge"),
    "less_than": ("must be below", "lt"),
    "less_than_equal": ("must be at most", "le"),
}
_KINDS = {
    "int_parsing": "a whole number",
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_parsing": "a number",
    "float_type": "a number",
    "int_parsing_size": "a whole number of that size",
    "string_type": "text",
    "string_unicode": "text",
    "bool_parsing": "true or false",
    "bool_type": "true or false",
    "list_type": "a list",
    "dict_type": "an object",
    "model_type": "an object",
    "finite_number": "a finite number",
}


def sentence_from_error(error: ErrorDetails) -> str:
    """Return one sentence for one finding, without its place."""
    kind = error["type"]
    is_secret = any(isinstance(part, str) and is_secret_name(part) for part in error["loc"])
    given = "what is given" if is_secret else _shown(error.get("input"))
    context: dict[str, Any] = error.get("ctx") or {}
    if kind == "missing":
        return "is missing."
    if kind == "extra_forbidden":
        return "is not known here; remove it or correct its name."
    if kind in _LIMITS:
        words, key = _LIMITS[kind]
        return f"{given} {words} {context[key]}."
    if kind in _KINDS:
        return f"{given} is not {_KINDS[kind]}."
    if kind in ("literal_error", "enum"):
        return f"{given} is not possible; choose {context['expected']}."
    if kind == "string_too_short":
        return "must not be empty."
    if kind == "string_too_long":
        return f"is longer than {context['max_length']} characters."
    if kind == "value_error":
        text = str(context.get("error", error["msg"]))
        return text if text.endswith(".") else f"{text}."
    text = error["msg"]
    return f"{given}: {text[0].lower()}{text[1:]}."


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "an object"  # whose parts may be secret
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "…"
