"""Versions in the database: their order, what of them never changes, and who may do it."""

from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from models.address import parsed_address
from models.errors import AlreadyDone, FirmwareRefused, NotAllowed, Rejected
from models.firmware.permits import permit_bytes
from models.firmware.signing import sign_permit
from models.queries.firmware_versions import (
    add_permit,
    add_signatures,
    add_version,
    ask_for_signatures,
    deprecate_version,
    load_permits,
    load_version,
    load_versions,
    mark_released,
    remove_draft,
    signing_rule,
)
from models.queries.people import anonymise_person
from models.records.firmware import DowngradePermit, VersionStatus
from models.records.person import Role
from models.translation import translated
from tests.firmware_parts import IMAGE, RELEASE_KEY, SECOND_KEY, signed

LATER = datetime.now(UTC).replace(microsecond=0) + timedelta(days=365)
URL = "s3://firmware/drive-a.bin?versionId=1"


@contextmanager
def declined(conn, reason):
    """What the database refuses, in the program's words; the transaction goes on."""
    with (
        pytest.raises(Rejected, match=reason),
        translated(parsed_address("postgresql://host/site")),
        conn.begin_nested(),
    ):
        yield


def add(conn, *keys, notes="", **changes):
    data, signatures = signed(*(keys or (RELEASE_KEY,)), **{"expires_at": LATER, **changes})
    add_version(conn, URL, notes, data, signatures)
    return load_version(conn, f"{changes.get('version', '2.1.0')}+{changes.get('product', 'drive-a')}")


def release(conn, stored):
    mark_released(conn, stored)
    return load_version(conn, stored.version)


def test_a_draft_says_what_its_manifest_says(connection):
    draft = add(connection, notes="Mends the fan.")
    assert (draft.version, draft.product, draft.hardware) == ("2.1.0+drive-a", "drive-a", ("rev-a", "rev-b"))
    assert (draft.sequence, draft.size, draft.expires_at) == (7, len(IMAGE), LATER)
    assert (draft.status, draft.release_notes, draft.released_at) == (
        VersionStatus.DRAFT,
        "Mends the fan.",
        None,
    )
    assert draft.manifest == signed(expires_at=LATER)[0]
    assert draft.signatures == signed(RELEASE_KEY, expires_at=LATER)[1]


def test_from_draft_to_released_to_deprecated_with_who_and_when(connection):
    draft = add(connection)
    released = release(connection, draft)
    assert released.status is VersionStatus.RELEASED
    assert released.released_by == draft.created_by is not None
    assert released.releaser == draft.creator != ""
    assert released.released_at >= draft.created_at
    deprecate_version(connection, released.id)
    assert load_version(connection, draft.version).status is VersionStatus.DEPRECATED


def test_versions_are_listed_by_product_newest_first(connection):
    for product, version, sequence in (("b", "1.0.0", 1), ("a", "1.0.0", 1), ("a", "1.1.0", 2)):
        add(connection, product=product, version=version, sequence=sequence)
    assert [v.version for v in load_versions(connection)] == ["1.1.0+a", "1.0.0+a", "1.0.0+b"]
    assert [v.version for v in load_versions(connection, "b")] == ["1.0.0+b"]


def test_a_version_is_added_once(connection):
    add(connection)
    with pytest.raises(
        AlreadyDone, match=r"a version 2\.1\.0\+drive-a already; a new image needs a new version"
    ):
        add(connection, sequence=8)


def test_a_sequence_belongs_to_one_version_of_a_product(connection):
    add(connection)
    add(connection, product="drive-b")
    with declined(connection, "Another version of the product has this sequence; sign with another"):
        add(connection, version="2.2.0")


def test_two_signatures_are_asked_for_where_the_site_says_so(connection):
    ask_for_signatures(connection, 2)
    assert signing_rule(connection).needed == 2
    draft = add(connection)
    with declined(connection, "has 1 of the 2 signatures that this site asks for; have a second person"):
        mark_released(connection, draft)
    add_signatures(connection, draft.id, signed(SECOND_KEY, expires_at=LATER)[1])
    assert release(connection, load_version(connection, draft.version)).status is VersionStatus.RELEASED


def test_no_other_number_of_signatures_is_asked_for(connection):
    for number in (0, 3):
        with pytest.raises(Rejected, match="1 or 2 can"):
            ask_for_signatures(connection, number)


def test_an_expired_manifest_is_not_released(connection):
    draft = add(connection, expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    with declined(connection, r"expired on 2020-01-01 00:00 UTC; sign a new one"):
        mark_released(connection, draft)


def test_the_sequence_of_a_product_rises_with_every_release(connection):
    old = add(connection, version="1.0.0", sequence=3)
    release(connection, add(connection, version="1.1.0", sequence=4))
    with declined(connection, r"the sequence of 1\.0\.0\+drive-a is 3, and 4 was released already"):
        mark_released(connection, old)


def test_what_was_changed_since_it_was_verified_is_not_released(connection):
    draft = add(connection)
    connection.execute(text("UPDATE app.ota_versions SET firmware_url = 's3://evil/x'"))
    with pytest.raises(AlreadyDone, match=r"is draft and was changed by somebody meanwhile"):
        mark_released(connection, draft)


@pytest.mark.parametrize(
    "change",
    [
        "version = '9.9.9+drive-a'",
        "firmware_url = 's3://evil/x'",
        "release_notes = 'other'",
        "manifest = NULL",
        "signatures = '{}'",
        "status = 'draft'",
        "released_at = now() - interval '1 day'",
        "expires_at = 'infinity'",
        "sha256 = sha256('x')",
        "version_seq = 99",
    ],
)
def test_nothing_of_a_released_version_changes_whoever_asks(connection, change):
    release(connection, add(connection))
    with declined(connection, r"is released, so nothing of it changes any more; deprecate it"):
        connection.execute(text(f"UPDATE app.ota_versions SET {change}"))


def test_what_was_released_stays(connection):
    stored = release(connection, add(connection))
    with declined(connection, "was released, so it stays"):
        connection.execute(text("DELETE FROM app.ota_versions"))
    with pytest.raises(AlreadyDone, match="is released"):
        remove_draft(connection, stored.id)


ALTERED = (
    "UPDATE app.ota_versions SET manifest = convert_to(replace(convert_from(manifest, 'UTF8'), {}), 'UTF8')"
)
FOREIGN = "not one that this program signs"


@pytest.mark.parametrize(
    ("statement", "reason"),
    [
        ("UPDATE app.ota_versions SET status = 'deprecated'", "was never released; remove the draft"),
        (
            "UPDATE app.ota_versions SET version = '2.1.1+drive-a'",
            r"is of the version 2\.1\.0\+drive-a, not 2",
        ),
        ("UPDATE app.ota_versions SET manifest = 'x'", FOREIGN),
        ("UPDATE app.ota_versions SET manifest = '[]'", FOREIGN),
        ("UPDATE app.ota_versions SET manifest = '{}'", FOREIGN),
        (r"UPDATE app.ota_versions SET manifest = '\xff00'::bytea", FOREIGN),
        (ALTERED.format("""'"size"', '"size":1,"size"'"""), FOREIGN),
        (ALTERED.format("""'"size"', '"force":1,"size"'"""), FOREIGN),
        (ALTERED.format("""'"sequence":7', '"sequence":"x"'"""), FOREIGN),
        (ALTERED.format("""'"sequence":7', '"sequence":0'"""), "version_seq"),
        ("UPDATE app.ota_versions SET signatures = '[]'", "signatures are damaged"),
        ("""UPDATE app.ota_versions SET signatures = '{"x": 1}'""", "signatures are damaged"),
        (
            "INSERT INTO app.ota_versions (version, firmware_url, status) VALUES ('1', 'x', 'released')",
            "as a draft",
        ),
    ],
)
def test_the_database_refuses_what_no_program_of_ours_writes(connection, statement, reason):
    add(connection)
    with declined(connection, reason):
        connection.exec_driver_sql(statement)


def test_a_version_without_a_manifest_is_never_released(connection):
    connection.execute(text("INSERT INTO app.ota_versions (version, firmware_url) VALUES ('1.0', 'x')"))
    with declined(connection, "has no signed manifest, so nothing proves what it is"):
        connection.execute(text("UPDATE app.ota_versions SET status = 'released'"))


def test_what_lists_show_is_always_the_manifests(connection):
    add(connection)
    connection.execute(text("UPDATE app.ota_versions SET sha256 = sha256('x'), version_seq = 99"))
    draft = load_version(connection, "2.1.0+drive-a")
    assert (draft.sequence, draft.sha256.hex()[:8]) == (7, signed()[0].split(b'"sha256":"')[1][:8].decode())


def test_a_draft_can_be_removed(connection):
    draft = add(connection)
    remove_draft(connection, draft.id)
    with pytest.raises(Rejected, match="There is no version"):
        load_version(connection, draft.version)


def test_permits_are_found_by_where_they_lead(connection):
    def permit(**changes):
        facts = {"product": "drive-a", "serial": "any", "from_version": "2.1.0", "to_version": "2.0.0"}
        data = permit_bytes(DowngradePermit(**{**facts, "expires_at": LATER, **changes}))
        add_permit(connection, data, [sign_permit(data, RELEASE_KEY)])
        return data

    wanted = permit()
    permit(product="drive-b")
    permit(to_version="1.0.0")
    permit(expires_at=datetime(2020, 1, 1, tzinfo=UTC))
    found = load_permits(connection, "drive-a", "2.0.0")
    assert [(one.permit, one.signatures) for one in found] == [(wanted, (sign_permit(wanted, RELEASE_KEY),))]


def test_a_permit_that_is_none_is_not_stored(connection):
    with declined(connection, "the permit is not one that this program signs"):
        add_permit(connection, b"{}", [])


# --- persons -------------------------------------------------------------------------------------


def test_an_engineer_adds_and_releases_and_leaves_the_versions_of_others_alone(site):
    anna, ben = site.signed_in(site.add(Role.USER)), site.signed_in(site.add(Role.USER))
    with anna.transaction() as connection:
        draft = add(connection)
    with ben.transaction() as connection:
        seen = load_version(connection, draft.version)
        for act in (
            mark_released,
            lambda c, v: remove_draft(c, v.id),
            lambda c, v: add_signatures(c, v.id, ()),
        ):
            with pytest.raises(NotAllowed, match="added by somebody else"):
                act(connection, seen)
    with anna.transaction() as connection:
        released = release(connection, draft)
        assert released.released_by == draft.created_by
        deprecate_version(connection, released.id)


def test_an_operator_only_looks(site):
    with site.owner.transaction() as connection:
        draft = add(connection)
    operator = site.signed_in(site.add(Role.OPERATOR))
    with operator.transaction() as connection:
        assert load_version(connection, draft.version).status is VersionStatus.DRAFT
        assert signing_rule(connection).needed == 1
    for act in (lambda c: add(c, version="3.0.0", sequence=9), lambda c: mark_released(c, draft)):
        with pytest.raises(NotAllowed), operator.transaction() as connection:
            act(connection)


@pytest.mark.parametrize("role", [Role.OPERATOR, Role.USER])
def test_only_an_administrator_decides_how_many_sign(site, role):
    with pytest.raises(NotAllowed), site.signed_in(site.add(role)).transaction() as connection:
        ask_for_signatures(connection, 2)


def test_a_name_in_release_notes_can_be_forgotten_even_when_released(site):
    site.add(Role.ADMIN)
    person = site.add(Role.USER, "zoe@example.com", "Zoë Quux")
    with site.owner.transaction() as connection:
        release(connection, add(connection, notes="Ask Zoë Quux first."))
    with site.owner.transaction() as connection:
        anonymise_person(connection, person.id)
        assert "Zoë" not in load_version(connection, "2.1.0+drive-a").release_notes
    assert "Zoë" not in site.all_text()


def test_an_unsound_manifest_reaches_no_database(connection):
    with pytest.raises(FirmwareRefused):
        add_version(connection, URL, "", b"{}", ())
