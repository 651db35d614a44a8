"""Enrolment, revocation and change of key, between workstations that share nothing but the database."""

import json

import pytest
from sqlalchemy import text

from models.credentials import MemoryStore
from models.errors import KeyMissing, KeyRetired, NeedsSetup, NotAllowed, Rejected, SealBroken
from models.key_wrapping import fingerprint, new_private_key, public_key, wrap
from models.queries.keys import load_workstations, revoke_workstation
from models.records.key import Standing
from models.records.person import Role
from models.secrets import NO_KEYS, field_context, key_id, new_key
from models.workstation import WorkstationKeys

PLACE = field_context("PRESS-01", ("connection", "password"))


class Desk:
    """A workstation with a credential store of its own, used by one person."""

    def __init__(self, name, database, store=None):
        self.name = name
        self.store = store or MemoryStore()
        self._database = database

    def _keys(self):
        # A new one each time: nothing may depend on what a running program remembers.
        return WorkstationKeys(lambda: self.store, self._database.place)

    def do(self, action, *arguments, **named):
        with self._database.transaction() as connection:
            return getattr(self._keys(), action)(connection, *arguments, **named)

    def request(self, **named):
        return self.do("request", self.name, **named)

    def create(self, **named):
        return self.do("create", self.name, **named)

    def box(self):
        return self.do("open_box")

    def workstations(self):
        with self._database.transaction() as connection:
            return {workstation.id: workstation for workstation in load_workstations(connection)}

    def approve(self, number):
        self.do("approve", self.workstations()[number])

    def revoke(self, number):
        with self._database.transaction() as connection:
            revoke_workstation(connection, number)


@pytest.fixture
def admin(newest_site):
    """The desk of an administrator."""
    return Desk("office", newest_site.signed_in(newest_site.add(Role.ADMIN)))


@pytest.fixture
def desk_of(newest_site):
    """`desk_of(Role.USER, "hall")`: the desk of somebody else."""

    def make(role=Role.USER, name="hall", store=None):
        return Desk(name, newest_site.signed_in(newest_site.add(role)), store)

    return make


@pytest.fixture
def enrolled(admin, desk_of):
    """An administrator's desk with the key, and an engineer's that was given it."""
    admin.create()
    hall = desk_of()
    admin.approve(hall.request()[0])
    return admin, hall


def test_before_there_is_a_key_the_credential_store_is_not_even_opened(newest_site):
    def refuse():
        raise AssertionError("opened")

    with newest_site.owner.transaction() as connection:
        assert WorkstationKeys(refuse, "here").open_box(connection) == NO_KEYS


def test_whoever_makes_the_key_can_seal_and_open(admin):
    admin.create()
    assert admin.box().open(admin.box().seal("x", PLACE), PLACE) == "x"


def test_only_an_administrator_makes_it(desk_of):
    with pytest.raises(NotAllowed):
        desk_of(Role.OPERATOR).create()


def test_a_second_key_is_not_made_by_mistake(enrolled, desk_of):
    with pytest.raises(Rejected, match=r"there is a key for encrypted fields already"):
        desk_of(Role.ADMIN).create()


def test_a_workstation_that_never_asked_is_told_how(admin, desk_of):
    admin.create()
    with pytest.raises(KeyMissing, match=r"run: main\.py key request"):
        desk_of().box().seal("x", PLACE)


def test_a_workstation_that_waits_is_told_for_whom(admin, desk_of):
    admin.create()
    hall = desk_of()
    number, _ = hall.request()
    with pytest.raises(KeyMissing, match=rf"main\.py key approve {number}\."):
        hall.box().seal("x", PLACE)


def test_an_approved_workstation_opens_what_another_sealed(enrolled):
    office, hall = enrolled
    assert hall.box().open(office.box().seal("x", PLACE), PLACE) == "x"
    assert office.box().open(hall.box().seal("y", PLACE), PLACE) == "y"


def test_asking_twice_is_asking_once(admin, desk_of):
    hall = desk_of()
    assert hall.request() == hall.request()
    assert len(admin.workstations()) == 1


def test_both_sides_see_the_same_fingerprint(admin, desk_of):
    hall = desk_of()
    number, shown = hall.request()
    seen = admin.workstations()[number]
    assert seen.fingerprint == shown
    assert not seen.is_altered
    assert seen.standing is Standing.WAITING


def test_a_workstation_that_does_not_hold_the_key_cannot_hand_it_on(admin, desk_of):
    admin.create()
    other = desk_of(Role.ADMIN, "second office")
    with pytest.raises(KeyMissing):
        other.approve(desk_of().request()[0])


def test_an_engineer_cannot_approve_even_where_the_key_is(enrolled, desk_of):
    office, hall = enrolled
    number, _ = desk_of(name="third").request()
    workstation = office.workstations()[number]
    with pytest.raises(NotAllowed):
        hall.do("approve", workstation)


def test_nobody_floods_the_list(desk_of, newest_site):
    engineer = newest_site.signed_in(newest_site.add(Role.USER))
    for _ in range(5):
        Desk("desk", engineer).request()
    with pytest.raises(Rejected, match="five requests of yours wait already"):
        Desk("desk", engineer).request()
    desk_of().request()


@pytest.mark.parametrize("name", ["", " ", "x" * 256, "two\nlines", "\x1b[2Jgone", "\u202eesrever"])
def test_a_name_that_would_mislead_is_refused(desk_of, name):
    with pytest.raises(Rejected, match="1 to 255 characters that can be seen"):
        desk_of(name=name).request()


@pytest.mark.parametrize(
    "name", ["Leitstand Süd", "控制室", "🏭 1", "x" * 255, "'); DROP TABLE app.users; --"]
)
def test_any_other_name_is_kept(admin, desk_of, name):
    number, _ = desk_of(name=name).request()
    assert admin.workstations()[number].name == name


def test_the_life_of_a_key_on_the_newest_and_the_oldest_server(site):
    office = Desk("office", site.signed_in(site.add(Role.ADMIN)))
    hall = Desk("hall", site.signed_in(site.add(Role.USER)))
    office.create()
    number, _ = hall.request()
    office.approve(number)
    store(site, hall.box().seal("x", PLACE))
    assert office.do("rotate").sealed == 1
    assert hall.box().open(stored(site), PLACE) == "x"
    office.revoke(number)
    assert office.do("rotate").sealed == 1
    assert office.box().open(stored(site), PLACE) == "x"
    with pytest.raises(KeyMissing):
        hall.box().open(stored(site), PLACE)


# -- a man in the middle --------------------------------------------------------------------------------


def swap_public_key(site, number):
    """What who owns the server can do: put a public key of his own into the request."""
    theirs = public_key(new_private_key())
    with site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.workstations SET public_key = :key WHERE id = :id"),
            {"key": theirs, "id": number},
        )
    return theirs


def test_an_exchanged_public_key_changes_the_fingerprint(newest_site, admin, desk_of):
    number, shown = desk_of().request()
    theirs = swap_public_key(newest_site, number)
    seen = admin.workstations()[number]
    assert seen.fingerprint == fingerprint(theirs) != shown
    assert seen.is_altered


def test_a_key_exchanged_after_the_comparison_is_not_served(newest_site, admin, desk_of):
    admin.create()
    number, _ = desk_of().request()
    compared = admin.workstations()[number]
    swap_public_key(newest_site, number)
    with pytest.raises(Rejected, match="was exchanged since its fingerprint was compared"):
        admin.do("approve", compared)


def offer_key(site, hall_public, *, voucher=None, before=None):
    """What who owns the server can do: retire the key and offer one that he knows."""
    theirs = new_key()
    with site.owner.transaction() as connection:
        connection.execute(text("UPDATE app.field_keys SET retired_at = now()"))
        connection.execute(
            text("INSERT INTO app.field_keys (id, vouched_by, voucher) VALUES (:id, :before, :voucher)"),
            {"id": key_id(theirs), "before": before, "voucher": voucher},
        )
        connection.execute(
            text(
                "INSERT INTO app.wrapped_keys (key_id, workstation_id, wrapped)"
                " SELECT :id, w.id, :wrapped FROM app.workstations AS w WHERE w.public_key = :public"
            ),
            {"id": key_id(theirs), "wrapped": wrap(theirs, hall_public), "public": hall_public},
        )
    return theirs


def public_of(desk, office):
    (found,) = [one for one in office.workstations().values() if one.name == desk.name]
    return found.public_key


@pytest.mark.parametrize("voucher", [None, bytes(32)])
def test_a_key_that_nobody_vouches_for_is_not_used(newest_site, enrolled, voucher):
    office, hall = enrolled
    before = hall.box().current
    offer_key(newest_site, public_of(hall, office), voucher=voucher, before=before if voucher else None)
    with pytest.raises(KeyMissing, match="no key known here vouches for"):
        hall.box().seal("x", PLACE)


def test_a_key_vouched_for_by_itself_is_not_used(newest_site, enrolled):
    office, hall = enrolled
    hall.box()
    theirs = offer_key(newest_site, public_of(hall, office))
    from models.key_wrapping import vouch

    with newest_site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.field_keys SET vouched_by = id, voucher = :voucher WHERE id = :id"),
            {"id": key_id(theirs), "voucher": vouch(key_id(theirs), theirs)},
        )
    with pytest.raises(KeyMissing, match="no key known here vouches for"):
        hall.box().seal("x", PLACE)


def test_a_copy_exchanged_in_the_database_is_noticed(newest_site, admin, desk_of):
    admin.create()
    hall = desk_of()
    admin.approve(hall.request()[0])
    with newest_site.owner.transaction() as connection:
        connection.execute(
            text("UPDATE app.wrapped_keys SET wrapped = :wrapped"),
            {"wrapped": wrap(new_key(), public_of(hall, admin))},
        )
    with pytest.raises(KeyMissing, match="was not made for it"):
        hall.box().seal("x", PLACE)


# -- revocation and change of key ----------------------------------------------------------------------


def store(site, sealed, device="PRESS-01"):
    with site.owner.transaction() as connection:
        connection.execute(
            text(
                "INSERT INTO app.devices (device_id, name, type, location, metadata)"
                " VALUES (:device, 'n', 't', 'l', CAST(:metadata AS jsonb))"
            ),
            {"device": device, "metadata": json.dumps({"connection": {"password": sealed}})},
        )


def stored(site, device="PRESS-01"):
    with site.owner.transaction() as connection:
        query = text(
            "SELECT metadata -> 'connection' -> 'password' FROM app.devices WHERE device_id = :device"
        )
        return connection.execute(query, {"device": device}).scalar_one()


def test_a_revoked_workstation_loses_its_copies_and_forgets(enrolled):
    office, hall = enrolled
    sealed = hall.box().seal("x", PLACE)
    (number,) = [one.id for one in office.workstations().values() if one.name == "hall"]
    office.revoke(number)
    with pytest.raises(KeyMissing, match="was revoked"):
        hall.box().open(sealed, PLACE)
    assert [name for name in hall.store._kept if name.startswith("field keys")] == []
    with pytest.raises(Rejected, match=r"main\.py key request --again"):
        hall.request()


def test_a_revoked_workstation_may_come_back_with_a_new_pair(enrolled):
    office, hall = enrolled
    (number,) = [one.id for one in office.workstations().values() if one.name == "hall"]
    office.revoke(number)
    again, _ = hall.request(again=True)
    office.approve(again)
    assert hall.box().open(office.box().seal("x", PLACE), PLACE) == "x"


def test_the_last_workstation_with_the_key_cannot_be_revoked(admin):
    admin.create()
    (number,) = admin.workstations()
    with pytest.raises(Rejected, match="office is the last workstation that holds the key"):
        admin.revoke(number)


def test_a_change_of_key_seals_everything_anew(newest_site, enrolled):
    office, hall = enrolled
    before = hall.box().seal("x", PLACE)
    store(newest_site, before)
    assert office.do("rotate").sealed == 1
    after = stored(newest_site)
    assert after != before
    assert office.box().open(after, PLACE) == hall.box().open(after, PLACE) == "x"
    with pytest.raises(KeyRetired):
        hall.box().open(before, PLACE)


def test_a_workstation_that_missed_changes_of_key_follows_the_vouchers(newest_site, enrolled):
    office, hall = enrolled
    store(newest_site, hall.box().seal("x", PLACE))
    for _ in range(3):
        office.do("rotate")
    assert hall.box().open(stored(newest_site), PLACE) == "x"


def test_a_workstation_enrolled_after_changes_of_key_opens_what_is_there(newest_site, enrolled, desk_of):
    office, hall = enrolled
    store(newest_site, hall.box().seal("x", PLACE))
    office.do("rotate")
    late = desk_of(name="late")
    office.approve(late.request()[0])
    assert late.box().open(stored(newest_site), PLACE) == "x"


def test_a_revoked_workstation_cannot_open_what_was_sealed_since(newest_site, enrolled):
    office, hall = enrolled
    stolen = dict(hall.store._kept)
    hall.box()
    stolen |= hall.store._kept
    (number,) = [one.id for one in office.workstations().values() if one.name == "hall"]
    office.revoke(number)
    office.do("rotate")
    store(newest_site, office.box().seal("x", PLACE))
    hall.store._kept.update(stolen)
    with pytest.raises(KeyMissing):
        hall.box().open(stored(newest_site), PLACE)


def test_an_altered_value_does_not_stop_a_change_of_key(newest_site, enrolled):
    office, hall = enrolled
    moved = hall.box().seal("x", field_context("PRESS-99", ("connection", "password")))
    store(newest_site, moved)
    store(
        newest_site, hall.box().seal("y", field_context("PRESS-02", ("connection", "password"))), "PRESS-02"
    )
    done = office.do("rotate")
    assert (done.sealed, done.left) == (1, 1)
    assert stored(newest_site) == moved
    state = office.do("state")
    assert (state.counts.sealed, state.counts.outdated, state.counts.plain) == (1, 1, 0)


def test_what_was_stored_in_clear_before_is_sealed_with_the_first_key(newest_site, admin):
    with newest_site.owner.transaction() as connection:
        connection.execute(text("ALTER TABLE app.devices DISABLE TRIGGER guard_secrets"))
    store(newest_site, "in clear")
    with newest_site.owner.transaction() as connection:
        connection.execute(text("ALTER TABLE app.devices ENABLE TRIGGER guard_secrets"))
    assert admin.do("state").counts.plain == 1
    assert admin.create().sealed == 1
    assert admin.box().open(stored(newest_site), PLACE) == "in clear"
    assert admin.do("state").counts.plain == 0


def test_a_lost_key_can_be_given_up(newest_site, admin, desk_of):
    admin.create()
    store(newest_site, admin.box().seal("x", PLACE))
    admin.store._kept.clear()
    with pytest.raises(KeyMissing):
        admin.box().open(stored(newest_site), PLACE)
    given_up = admin.create(start_over=True)
    assert (given_up.sealed, given_up.left) == (0, 1)
    assert admin.box().can_seal
    with pytest.raises(KeyRetired, match="enter the value again"):
        admin.box().open(stored(newest_site), PLACE)


def test_a_failed_change_of_key_leaves_everything_as_it_was(newest_site, enrolled):
    office, hall = enrolled
    store(newest_site, hall.box().seal("x", PLACE))
    with newest_site.owner.transaction() as connection:
        connection.execute(text("ALTER TABLE app.devices ADD CONSTRAINT no_more CHECK (false) NOT VALID"))
    with pytest.raises(Rejected):
        office.do("rotate")
    assert hall.box().open(stored(newest_site), PLACE) == office.box().open(stored(newest_site), PLACE) == "x"


def test_the_state_tells_how_things_are(enrolled, desk_of):
    office, hall = enrolled
    there, here = office.do("state"), hall.do("state")
    assert there.key_fingerprint == here.key_fingerprint != ""
    assert (here.workstation, here.standing, here.holds_key) == ("hall", Standing.APPROVED, True)
    never = desk_of(name="never").do("state")
    assert (never.fingerprint, never.standing, never.holds_key) == ("", None, False)
    assert "main.py key request" in never.sentence


class LockedStore(MemoryStore):
    def get(self, name):
        raise NeedsSetup("The keyring is locked; unlock it.")


def test_a_locked_credential_store_is_a_reason_not_a_crash(admin, desk_of):
    admin.create()
    hall = desk_of(store=LockedStore())
    with pytest.raises(KeyMissing, match="The keyring is locked; unlock it"):
        hall.box().seal("x", PLACE)
    assert hall.do("state").sentence == "The keyring is locked; unlock it."


@pytest.mark.parametrize("damage", ["x", "[]", '{"a": 1}', "{", "°"])
def test_a_damaged_credential_is_named(admin, damage):
    admin.create()
    admin.box()
    for name in admin.store._kept:
        admin.store._kept[name] = damage
    with pytest.raises((KeyMissing, SealBroken), match="of this computer is damaged; run"):
        admin.box().seal("x", PLACE)


def test_a_remembered_key_that_is_not_its_name_is_not_used(admin):
    admin.create()
    admin.box()
    (seen,) = [name for name in admin.store._kept if name.startswith("field keys")]
    kept = json.loads(admin.store._kept[seen])
    admin.store._kept[seen] = json.dumps(dict.fromkeys(kept, "AAAA"))
    assert admin.box().open(admin.box().seal("x", PLACE), PLACE) == "x"


def test_the_key_stands_nowhere_in_the_database(newest_site, enrolled):
    office, hall = enrolled
    store(newest_site, hall.box().seal("plain text of the secret", PLACE))
    office.do("rotate")
    import base64

    everything = newest_site.all_text()
    assert "plain text of the secret" not in everything
    secrets = [
        base64.b64decode(value)
        for desk in (office, hall)
        for name, kept in desk.store._kept.items()
        for value in (json.loads(kept).values() if name.startswith("field keys") else [kept])
    ]
    assert len(secrets) >= 4
    for secret in secrets:
        assert secret.hex() not in everything
        assert base64.b64encode(secret).decode() not in everything


def test_audit_names_who_approved_but_keeps_no_copy(newest_site, enrolled):
    with newest_site.owner.transaction() as connection:
        rows = connection.execute(
            text("SELECT tbl, op, person_id, new::text FROM app.audit_log WHERE tbl ~ 'key|workst'")
        ).all()
    assert {("workstations", "INSERT"), ("workstations", "UPDATE"), ("wrapped_keys", "INSERT")} <= {
        (row.tbl, row.op) for row in rows
    }
    assert all(row.person_id is not None for row in rows)
    assert not any('wrapped":' in (row.new or "") for row in rows)
