"""How the spool's file is drawn. Its number is SQLite's `user_version`."""

SCHEMA = 1
"""Raised when the tables change; a program refuses a file with a higher number and brings a lower one up."""

PAGE_BYTES = 4096

TABLES = """
CREATE TABLE blocks (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which readings were taken
    readings INTEGER NOT NULL,
    first_unix REAL NOT NULL,
    last_unix REAL NOT NULL,
    payload BLOB NOT NULL                  -- block.py
);
CREATE TABLE findings (
    id INTEGER PRIMARY KEY AUTOINCREMENT,  -- the order in which they were found or done
    kind TEXT NOT NULL,                    -- finding.py: ItemKind
    payload BLOB NOT NULL
);
CREATE TABLE quarantine (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    payload BLOB NOT NULL,
    reason TEXT NOT NULL,
    declined_unix REAL NOT NULL
);
CREATE TABLE set_aside (                   -- what could not be read back: for an expert, never deleted by us
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    kind TEXT NOT NULL,
    readings INTEGER NOT NULL,
    payload BLOB NOT NULL,
    reason TEXT NOT NULL,
    found_unix REAL NOT NULL
);
CREATE TABLE moves (                       -- what a command did beside a running station, since ever
    name TEXT PRIMARY KEY,
    amount INTEGER NOT NULL
);
INSERT INTO moves VALUES ('retried_readings', 0), ('retried_findings', 0), ('discarded_readings', 0);
"""
