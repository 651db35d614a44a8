from console.commandline.table import table_text


def test_a_name_commands_no_terminal_and_breaks_no_line():
    rows = [["\x1b[2JPump\u202e", "a\r\nb"], ["Öfen 3", "–"]]
    assert table_text(("NAME", "WHY"), rows).splitlines() == [
        "NAME       WHY",
        "?[2JPump?  a??b",
        "Öfen 3     –",
    ]
