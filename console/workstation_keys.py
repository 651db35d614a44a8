"""This computer's way to the key of encrypted fields, for the database that a run's settings name."""

from console.database_host import DatabaseHost, credential_store
from console.settings import Settings
from models.workstation import WorkstationKeys


def workstation_keys(settings: Settings) -> WorkstationKeys:
    """Return it. Asks nobody yet; the credential store is opened only where there is a key at all.

    Raises:
        NeedsSetup: The database's URL in the settings is none.
    """
    return WorkstationKeys(lambda: credential_store(settings), DatabaseHost(settings).site)
