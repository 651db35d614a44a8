"""Who is signed in."""

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from models.errors import NotAllowed
from models.records.person import Person, Role
from models.tables.people import USERS


def current_person(conn: Connection) -> Person:
    """Return the person whose login this connection uses.

    Raises:
        NotAllowed: The login belongs to nobody in `users`.
    """
    row = conn.execute(
        select(USERS.c.id, USERS.c.name, USERS.c.email, USERS.c.role).where(
            USERS.c.db_role == func.session_user(type_=USERS.c.db_role.type)
        )
    ).one_or_none()
    if row is None:
        login = conn.execute(select(func.session_user())).scalar_one()
        raise NotAllowed(f"The database login {login} belongs to no person; ask an administrator to add one.")
    return Person(row.id, row.name, row.email, Role(row.role))
