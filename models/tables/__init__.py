"""Tables as SQLAlchemy Core describes them. Their rows never leave `models`."""
