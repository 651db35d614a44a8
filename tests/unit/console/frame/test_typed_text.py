from hypothesis import given
from hypothesis import strategies as st

from console.frame.typed_text import whole


@given(st.text(alphabet=st.characters(exclude_categories=())))
def test_what_was_typed_can_always_be_stored(text):
    made = whole(text)
    assert "\0" not in made
    assert made.encode() is not None


def test_whole_characters_stay_as_they_are():
    assert whole("mara@plant.example 😀 שלום") == "mara@plant.example 😀 שלום"


def test_half_an_emoji_at_the_end_of_a_full_field_is_dropped():
    assert whole("abc\ud83d") == "abc"
