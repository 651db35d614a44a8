"""A slow network: 100 ms each way for station and person, then 64 kbit/s."""

import time

from console.bench.faults_figures import at_most, told
from console.bench.faults_judgement import judged
from console.bench.faults_proxy import Proxy
from console.bench.faults_scene import Scene
from console.bench.faults_site import fault_site, wait_until
from console.bench.figure import Figure
from console.settings import Settings
from console.sign_in import SignIn
from models.credentials import MemoryStore
from models.passwords import new_password
from models.queries.overview import device_overview
from models.queries.people import create_person
from models.records.person import Role

_DELAY_S = 0.1
_NARROW_BYTES_S = 8_000.0
_EMAIL, _PASSWORD = "slow@example.com", "correct horse battery"
_DEVICES = 100


def run(scene: Scene) -> list[Figure]:
    """Let a person sign in and look, while a station records, over the same slow network."""
    with fault_site(scene, "slow", devices=10 if scene.is_small else _DEVICES) as site:
        site.add_station("A")
        site.await_news()
        with site.database.owner.transaction() as connection:
            create_person(
                connection, _EMAIL, "Slow", Role.OPERATOR, new_password(_PASSWORD, email="", name="")
            )
        figures: list[Figure] = []
        for name, delay_s, rate, limits_s in (
            ("late", _DELAY_S, 0.0, (1.5, 1.0)),
            ("narrow", 0.0, _NARROW_BYTES_S, (5.0, 5.0)),
        ):
            site.networks[0].slow_down(delay_s, rate)
            site.stir()
            person = Proxy(site.database.socket)
            person.start()
            try:
                person.slow_down(delay_s, rate)
                signed_in_s, overview_s = _look(scene, person.port, site.database.name)
            finally:
                person.stop()
            figures.append(at_most("slow", f"{name}_sign_in", signed_in_s, "s", limits_s[0]))
            figures.append(at_most("slow", f"{name}_overview", overview_s, "s", limits_s[1]))
            if name == "late":
                since = time.time()
                lag_s = wait_until(lambda since=since: site.is_stored(since), "news over a slow network")
                figures.append(told("slow", "lag", lag_s, "s"))
        site.networks[0].heal()
        return [*figures, *judged("slow", site)]


def _look(scene: Scene, port: int, database: str) -> tuple[float, float]:
    """Sign in and ask for the overview; return how long each took, s."""
    settings = Settings(scene.place("person"), database_url=f"postgresql://127.0.0.1:{port}/{database}")
    site = SignIn(settings, MemoryStore()).open()
    began_s = time.monotonic()
    session = site.sign_in(_EMAIL, _PASSWORD, "fault suite")
    signed_in_s = time.monotonic()
    try:
        with session.database.transaction() as connection:
            device_overview(connection)
        return signed_in_s - began_s, time.monotonic() - signed_in_s
    finally:
        session.database.close()
