"""What is different between two answers about the open alerts. Pure.

The bridge keeps an alert that did not change as the same object, so identity tells: five thousand of them are
compared in a millisecond.
"""

from collections.abc import Sequence

from models.records.alert import Alert


def changes_between(before: Sequence[Alert], after: Sequence[Alert]) -> tuple[list[Alert], list[Alert]]:
    """Return the records that went and those that came; one that changed is in both."""
    held, holds = set(map(id, before)), set(map(id, after))
    went = [alert for alert in before if id(alert) not in holds]
    came = [alert for alert in after if id(alert) not in held]
    return went, came
