from console.frame.palette_entries import PaletteEntry, ranked


def entries(*titles: str, hint: str = "") -> list[PaletteEntry]:
    return [PaletteEntry("Device", title, hint, lambda: None) for title in titles]


def titles(found) -> list[str]:
    return [entry.title for entry in found]


def test_a_title_that_begins_so_comes_before_a_word_that_does_before_the_middle():
    offered = entries("Compressor 2", "Main press", "Press 1", "Express")
    assert titles(ranked(offered, "press")) == ["Press 1", "Main press", "Compressor 2", "Express"]


def test_every_typed_word_must_occur_in_any_order_and_case():
    offered = entries("Drive 2", "Drive 12", "Pump 2")
    assert titles(ranked(offered, "2 DRIVE")) == ["Drive 2", "Drive 12"]


def test_areas_and_hardware_ids_are_found_too():
    offered = entries("Drive 2", hint="DRIVE-02 · Hall A")
    assert titles(ranked(offered, "hall")) == ["Drive 2"]


def test_nothing_typed_shows_everything_in_order_up_to_the_limit():
    offered = entries(*(f"Drive {number}" for number in range(80)))
    assert titles(ranked(offered, "  ")) == [f"Drive {number}" for number in range(50)]


def test_what_does_not_occur_finds_nothing():
    assert list(ranked(entries("Drive 2"), "zebra")) == []
