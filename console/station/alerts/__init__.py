"""Open alerts of the devices polled here, as windows see them with and without the database."""
