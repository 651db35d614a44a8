"""An update over a protected channel, signed in: by the device's own settings, and by nothing else."""

from typing import Any

import pytest

from drivers.plant.firmware.opcua_device import Offer
from drivers.plant.firmware.troubles import Trouble, TroubleKind
from models.records.rollout import Outcome, PlanSettings, Step
from tests.contract.firmware.opcua_updatable import IMAGE, PASSWORD, SECURED, Doorkeeper, OpcuaBench
from tests.opcua_papers import Papers, PapersOffice
from tests.unit.console.station.rollouts.one_device import QUICK

pytestmark = pytest.mark.asyncio(loop_scope="session")
ONCE = PlanSettings(times=QUICK, retries=0, soak_s=0)
BY_PASSWORD: dict[str, Any] = {"sign_in": "user", "username": "reader", "password": PASSWORD}


@pytest.fixture
def closed(keeper: Doorkeeper):
    """The server lets nobody in without a name; what came before is forgotten."""
    keeper.is_open = False
    keeper.came.clear()
    keeper.over.clear()
    yield keeper
    keeper.is_open = True


@pytest.fixture
def secured(papers: Papers) -> dict[str, Any]:
    """What protects messages, and names the server that is trusted."""
    return {
        "security": "Basic256Sha256",
        "security_mode": "SignAndEncrypt",
        "server_certificate": papers.base64,
        "timeout_s": 2.0,
    }


def by_certificate(papers: Papers) -> dict[str, Any]:
    return {
        "sign_in": "certificate",
        "user_certificate": papers.pem,
        "user_private_key": papers.key_pem,
    }


async def updated(at: OpcuaBench, *settings: dict[str, Any]) -> tuple[Step, Outcome | None, str]:
    for more in settings:
        at.device.secrets |= more
    end = await at.update(at.order(settings=ONCE))
    return end.step, end.outcome, end.error


@pytest.mark.parametrize("is_direct", [False, True], ids=["cached", "direct"])
async def test_a_device_is_updated_over_an_encrypted_channel_by_password(
    bench_of, closed, secured, is_direct
) -> None:
    at = bench_of(Offer(is_direct))
    assert await updated(at, secured, BY_PASSWORD) == (Step.DONE, Outcome.UPDATED, "")
    assert at.device.flash.image == IMAGE
    assert at.device.left_behind() == {"runs": "2.0.0"}
    assert set(closed.came) == {"by password"}
    assert set(closed.over) == {SECURED}


async def test_a_device_is_updated_by_whom_a_certificate_names(bench_of, closed, secured, reader) -> None:
    at = bench_of()
    assert await updated(at, secured, by_certificate(reader)) == (Step.DONE, Outcome.UPDATED, "")
    assert set(closed.came) == {"by certificate"}
    assert set(closed.over) == {SECURED}


async def test_what_goes_wrong_is_taken_back_over_the_same_channel(bench_of, closed, secured) -> None:
    at = bench_of(Offer(is_direct=True), Trouble(TroubleKind.REFUSE_INSTALL))
    step, outcome, _ = await updated(at, secured, BY_PASSWORD)
    assert (step, outcome) == (Step.FAILED, Outcome.REFUSED)
    assert at.device.left_behind() == {}
    assert set(closed.came) == {"by password"}


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (lambda office: BY_PASSWORD | {"password": "Zange-8"}, "does not accept the user 'reader'"),
        (lambda office: by_certificate(office.user("stranger")), "does not accept the user certificate"),
        (lambda office: {"sign_in": "anonymous"}, "denies access"),
        (
            lambda office: BY_PASSWORD | {"server_certificate": office.self_signed(name="Other").base64},
            "shows another certificate",
        ),
        (lambda office: BY_PASSWORD | {"server_certificate": None}, "is not trusted yet"),
        (lambda office: BY_PASSWORD | {"security_mode": "Sign"}, "offers no endpoint with security"),
    ],
    ids=["password", "user", "nobody", "server", "no trust", "mode"],
)
async def test_what_the_settings_do_not_vouch_for_sends_nothing(
    bench_of, closed, secured, office: PapersOffice, wrong, says
) -> None:
    at = bench_of()
    step, outcome, error = await updated(at, secured, wrong(office))
    assert (step, outcome) == (Step.FAILED, Outcome.REFUSED)
    assert says in error
    assert PASSWORD not in error
    assert (at.device.flash.transfers, closed.came) == (0, [])


async def test_no_word_of_an_update_holds_a_secret(bench_of, closed, secured, caplog) -> None:
    caplog.set_level("DEBUG")
    at = bench_of()
    await updated(at, secured, BY_PASSWORD)
    assert PASSWORD not in caplog.text
    assert PASSWORD not in repr(at.store.told) + repr(at.store.ends)
