"""How a try ends that did not go well: pure."""

from console.station.rollouts.store import End
from models.records.rollout import DeploymentOrder, Outcome, Step


def again(
    order: DeploymentOrder, observed_version: str, sentence: str, outcome: Outcome = Outcome.FAILED
) -> End:
    """Return the end of a try that may be made again, as long as the plan has tries left.

    Args:
        order: What was tried.
        observed_version: What the device said last.
        sentence: What went wrong.
        outcome: Of the device, should this have been its last try.
    """
    settings, attempt = order.settings, order.deployment.attempt
    if attempt > settings.retries:
        return End(Step.FAILED, outcome, sentence, observed_version)
    return End(Step.RETRY, None, sentence, observed_version, settings.retry_s * 2 ** (attempt - 1))
