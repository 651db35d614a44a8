"""Accounts and audit entries as the settings' tests need them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from models.records.account import Account
from models.records.audit import AuditEntry, AuditOperation
from models.records.person import Role
from tests.unit.console.panels.plant_scene import NOW

NOW_AT = datetime.fromtimestamp(NOW, UTC)


def account(number: int, name: str, role: Role = Role.OPERATOR, **facts: Any) -> Account:
    email = f"{name.split()[0].casefold()}@example.org"
    known: dict[str, Any] = {
        "email": email,
        "is_active": True,
        "has_password": True,
        "is_former": False,
        "devices_owned": 0,
        "last_sign_in_at": None,
        "created_at": NOW_AT - timedelta(days=30),
        "updated_at": NOW_AT - timedelta(days=2),
    }
    return Account(id=number, name=name, role=role, **(known | facts))


def entry(seq: int, operation: AuditOperation = AuditOperation.CHANGED, **facts: Any) -> AuditEntry:
    known: dict[str, Any] = {
        "at": NOW_AT - timedelta(minutes=5),
        "actor": "u_0123",
        "person_id": 1,
        "person_name": "Eva Lind",
        "station_id": None,
        "station_name": "",
        "client": "10.0.0.7",
        "workstation": "window on desk 4",
        "txid": 900 + seq,
        "table": "users",
        "key": "2",
        "before": {"role": "user"},
        "after": {"role": "operator"},
        "hash": "ab" * 32,
    }
    return AuditEntry(seq=seq, operation=operation, **(known | facts))
