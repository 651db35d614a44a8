"""What this computer may reach to read and store images of firmware: its own settings and credentials."""

from pathlib import Path

from console.database_host import credential_store
from console.settings import Settings
from models.objects.access import ObjectAccess, S3Credentials
from models.objects.store import kept_s3_credentials


def image_access(settings: Settings) -> ObjectAccess:
    """Return it. Asks nobody yet; the credential store is opened only for a bucket."""

    def credentials() -> S3Credentials | None:
        return kept_s3_credentials(credential_store(settings), settings.s3_endpoint)

    hosts = (host.strip().lower() for host in settings.firmware_hosts.split(","))
    return ObjectAccess(
        s3_endpoint=settings.s3_endpoint,
        s3_region=settings.s3_region,
        authorities=settings.s3_authorities,
        allowed_hosts=frozenset(filter(None, hosts)),
        store=settings.firmware_store,
        folder=Path(settings.firmware_folder) if settings.firmware_folder else None,
        credentials=credentials,
    )
