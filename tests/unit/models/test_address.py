import pytest

from models.address import parsed_address, shown_url
from models.errors import NeedsSetup

FAR = "postgresql://me@db.example/console"


@pytest.mark.parametrize(
    ("url", "place"),
    [
        ("postgresql://me@h:5433/d", "d at h:5433"),
        ("postgresql://h/d", "d at h"),
        ("postgresql:///d?host=/run/pg", "d on this computer (/run/pg)"),
        ("postgresql://a:5432,b:5433/d", "d at a:5432 or b:5433"),
        ("postgresql://a,b:5433/d", "d at a or b:5433"),
        ("postgresql+psycopg:///d?host=a:5432&host=b:5433", "d at a:5432 or b:5433"),
        ("postgresql://[::1]:5/d", "d at ::1:5"),
    ],
)
def test_every_usual_spelling_of_a_place_is_taken(url, place):
    assert parsed_address(url).place == place


@pytest.mark.parametrize(
    ("url", "spoken"),
    [("postgresql:///d?host=/run/pg", "d on this computer"), ("postgresql://h:5433/d", "d at h:5433")],
)
def test_a_sentence_names_no_folder(url, spoken):
    assert parsed_address(url).spoken == spoken


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me:geheim@h",
        "postgresql://me:geheim@a:1,b:2,c/d?port=1,2",
        "postgresql://me:geheim@h:0/d",
        "postgresql://me:geheim@h:65536/d",
        "postgresql://me:geheim@h/d?no_such_option=1",
        "postgresql://me:geheim%zz@h/d",
        "host=h password=geheim dbname=d",
    ],
)
def test_what_cannot_be_meant_is_refused_without_repeating_it(url):
    with pytest.raises(NeedsSetup) as caught:
        parsed_address(url)
    assert "geheim" not in str(caught.value)


def test_beyond_this_computer_the_server_must_prove_name_and_knowledge():
    chosen = parsed_address(FAR).options("tests")
    assert chosen["sslmode"] == "verify-full"
    assert chosen["channel_binding"] == "require"
    assert chosen["require_auth"] == "scram-sha-256"
    assert chosen["gssencmode"] == "disable"


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@localhost/d",
        "postgresql://me@127.0.0.1:5432/d",
        "postgresql://me@127.9.9.9/d",
        "postgresql://me@[::1]/d",
        "postgresql:///d?host=/run/postgresql",
        "postgresql:///d",
    ],
)
def test_on_this_computer_no_encryption_is_asked_for(url):
    assert "sslmode" not in parsed_address(url).options("tests")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://me@localhost,db.example/d",
        "postgresql://me@localhost/d?hostaddr=10.0.0.5",
        "postgresql://me@db.example/d?hostaddr=127.0.0.1",
        "postgresql://me@localhost.example/d",
        "postgresql://me@10.0.0.5/d",
        "postgresql:///d?service=plant",
    ],
)
def test_one_server_elsewhere_is_enough_to_ask_for_encryption(url):
    assert parsed_address(url).options("tests")["sslmode"] == "verify-full"


def test_another_host_in_the_environment_counts_too(monkeypatch):
    monkeypatch.setenv("PGHOST", "db.example")
    assert parsed_address("postgresql:///d").options("tests")["sslmode"] == "verify-full"


def test_an_environment_that_asks_for_less_is_not_obeyed(monkeypatch):
    monkeypatch.setenv("PGSSLMODE", "disable")
    assert parsed_address(FAR).options("tests")["sslmode"] == "verify-full"


def test_a_file_of_authorities_is_used_where_the_server_must_prove_itself():
    assert parsed_address(FAR, "/etc/plant.pem").options("tests")["sslrootcert"] == "/etc/plant.pem"


@pytest.mark.parametrize(
    ("query", "told"),
    [
        ("sslmode=disable", "sslmode=disable"),
        ("sslmode=prefer", "sslmode=prefer"),
        ("sslmode=require", "need not prove its name"),
        ("sslmode=verify-ca", "need not prove its name"),
        ("channel_binding=disable", "channel_binding=disable"),
        ("require_auth=password", "require_auth=password"),
    ],
)
def test_each_weaker_choice_is_obeyed_and_told(query, told):
    address = parsed_address(f"{FAR}?{query}")
    name, _, value = query.partition("=")
    assert address.options("tests")[name] == value
    assert told in " ".join(address.cautions)


def test_the_usual_address_has_nothing_to_caution_about():
    assert parsed_address(FAR).cautions == ()


def test_of_several_servers_one_that_takes_changes_is_wanted_unless_said_otherwise():
    several = parsed_address("postgresql://a,b/d").options("tests")
    chosen = parsed_address("postgresql://a,b/d?target_session_attrs=any").options("tests")
    assert (several["target_session_attrs"], chosen["target_session_attrs"]) == ("read-write", "any")


def test_another_login_takes_the_place_and_nothing_of_the_first():
    address = parsed_address("postgresql://me:geheim@h:1/d?passfile=/me/.pgpass").with_login("ada", "neu")
    options = address.options("tests")
    assert (options["user"], options["password"]) == ("ada", "neu")
    assert "passfile" not in options


def test_a_person_proves_the_password_by_scram_also_on_this_computer():
    address = parsed_address("postgresql:///d?host=/run/pg").with_login("ada", "neu")
    assert address.options("tests")["require_auth"] == "scram-sha-256"


def test_a_password_never_stands_in_what_is_shown():
    address = parsed_address("postgresql://me:geheim@h/d?sslpassword=geheim2")
    assert "geheim" not in f"{address!r} {address.place} {address.site}"


def test_the_same_place_is_known_by_one_name_however_it_is_spelt():
    spelt = ("postgresql://ada@DB.example/d", "postgres://db.example:5432/d?sslmode=require")
    assert len({parsed_address(url).site for url in spelt}) == 1


def test_a_shown_address_can_be_used_again():
    url = "postgresql://me@a:1,b:2/d?target_session_attrs=any"
    assert shown_url(url) == url
    assert shown_url("postgresql://me:geheim@[::1]:5/d") == "postgresql://me:***@[::1]:5/d"
    assert shown_url("postgresql://me@/d?host=/run/pg") == "postgresql://me@/d?host=/run/pg"
