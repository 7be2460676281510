"""One connection to the gradebook for a whole run, and one transaction for each submission.

nbgrader opens the gradebook anew in each of its steps and commits after each cell. Here every ``Gradebook``
that is made while a submission is recorded joins the same transaction, so that all of it is kept or nothing,
and the disk is waited for once.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nbgrader.api import Gradebook
from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.exc import (
    ArgumentError,
    DBAPIError,
    NoSuchModuleError,
    OperationalError,
    PendingRollbackError,
)
from sqlalchemy.orm import scoped_session, sessionmaker
from sqlalchemy.pool import NullPool, StaticPool

from informal_ict.errors import InputError
from informal_ict.grading.lookups import LOOKUPS, Lookups

LOCK_WAIT = 30.0
"""Seconds to wait for another program that writes to an SQLite gradebook."""

WRITES = "informal_ict_writes"


class GradebookGoneError(InputError):
    """The gradebook cannot be written to any more: nobody's marks can be kept."""


@dataclass(frozen=True)
class Store:
    """An open gradebook.

    Attributes:
        engine: its one connection.
        url: its address, as nbgrader has it.
        shown: its address without a password.
        course_id: the course's name in it.
        path: its file, if it is SQLite.
        inode: which file that was when it was opened.
    """

    engine: Engine
    url: str
    shown: str
    course_id: str
    path: Path | None = None
    inode: int = 0

    @property
    def is_postgresql(self) -> bool:
        """Whether several graders can write at once."""
        return self.engine.dialect.name == "postgresql"

    def new_connection(self) -> Connection:
        """Another connection, which nothing else uses."""
        return create_engine(self.engine.url, poolclass=NullPool).connect()

    def check_it_is_there(self) -> None:
        """Look whether an SQLite file is still the one that was opened; writes to a deleted one are lost.

        Raises:
            GradebookGoneError: if it is not.
        """
        if self.path is None:
            return
        with suppress(FileNotFoundError):
            if self.path.stat().st_ino == self.inode:
                return
        raise GradebookGoneError(f"{self.path}: the gradebook was deleted or replaced while grading ran.")


@contextmanager
def open_store(url: str, course_id: str) -> Iterator[Store]:
    """Open a gradebook that nbgrader has made before.

    Raises:
        InputError: if it is not there, cannot be reached, or holds no tables of nbgrader.
    """
    try:
        address = make_url(url)
        arguments = {"timeout": LOCK_WAIT} if address.get_backend_name() == "sqlite" else {}
        engine = create_engine(address, poolclass=StaticPool, connect_args=arguments)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise InputError(f"CourseDirectory.db_url cannot be used: {error}") from None
    shown = address.render_as_string(hide_password=True)
    path = None
    if engine.dialect.name == "sqlite" and address.database:
        path = Path(address.database)
        if not path.is_file():
            raise InputError(f"{path}: the gradebook is not there; nbgrader generate_assignment makes it.")
        _begin_by_hand(engine)
    try:
        with said_clearly(shown):
            if "submitted_assignment" not in inspect(engine).get_table_names():
                raise InputError(f"{shown}: this is no gradebook of nbgrader; generate_assignment makes one.")
        yield Store(engine, url, shown, course_id, path, path.stat().st_ino if path else 0)
    finally:
        engine.dispose()


def _begin_by_hand(engine: Engine) -> None:
    """Let SQLite's transactions begin when SQLAlchemy says so, which Python's sqlite3 module delays.

    One that will write takes its lock at once: waiting for it later could deadlock.
    """

    @event.listens_for(engine, "connect")
    def connected(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def began(connection: Connection) -> None:
        writes = connection.get_execution_options().get(WRITES, False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


@contextmanager
def reading(store: Store) -> Iterator[None]:
    """Every ``Gradebook`` made within uses the store's connection."""
    with said_clearly(store.shown), _joined(store, {"bind": store.engine}):
        yield


@contextmanager
def transaction(store: Store) -> Iterator[Connection]:
    """Every ``Gradebook`` made within belongs to one transaction; an exception undoes all of it.

    Raises:
        GradebookGoneError: if the gradebook is locked for too long, gone, or its disk is full.
    """
    with said_clearly(store.shown), store.engine.connect() as connection:
        connection = connection.execution_options(**{WRITES: True})
        store.check_it_is_there()
        try:
            with (
                connection.begin(),
                _joined(store, {"bind": connection, "join_transaction_mode": "rollback_only"}),
            ):
                yield connection
                store.check_it_is_there()
        finally:
            connection.execution_options(**{WRITES: False})


@contextmanager
def _joined(store: Store, session: dict[str, Any]) -> Iterator[None]:
    """Let ``Gradebook`` connect as said, also for steps that a course's configuration adds."""
    stock: dict[str, Callable[..., Any]] = {"__init__": Gradebook.__init__, "close": Gradebook.close}

    def connect(
        self: Gradebook, db_url: str, course_id: str = "default_course", authenticator: Any = None
    ) -> None:
        if db_url != store.url:
            stock["__init__"](self, db_url, course_id, authenticator)
            return
        self.engine = None  # type: ignore[assignment]  # a sign for close() below
        self.db = scoped_session(sessionmaker(autoflush=True, expire_on_commit=False, **session))
        self.course_id = course_id
        self.authenticator = authenticator
        Lookups(self, {name: getattr(self, name) for name in LOOKUPS}).install()

    def close(self: Gradebook) -> None:
        if self.engine is None:
            self.db.remove()
        else:
            stock["close"](self)

    Gradebook.__init__, Gradebook.close = connect, close  # type: ignore[method-assign]
    try:
        yield
    finally:
        Gradebook.__init__ = stock["__init__"]  # type: ignore[method-assign]
        Gradebook.close = stock["close"]  # type: ignore[method-assign]


@contextmanager
def said_clearly(shown: str) -> Iterator[None]:
    """Turn what a database says when it cannot go on into a message for a person."""
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig)
        if "locked" in reason:
            text = f"another program has kept it locked for {LOCK_WAIT:.0f} seconds; close it and run again"
        elif "full" in reason or "No space left" in reason:
            text = "its disk is full; make room and run again"
        elif isinstance(error, OperationalError):
            text = f"the database says: {reason.strip()}"
        else:
            raise
        raise GradebookGoneError(f"{shown}: {text}. What was recorded before is kept.") from error
    except PendingRollbackError as error:  # it was lost before, and nobody has said so yet
        text = "the connection to the database is lost"
        raise GradebookGoneError(f"{shown}: {text}. What was recorded before is kept.") from error


def advisory_key(connection: Connection, name: str) -> int:
    """A number for PostgreSQL's advisory locks that stands for a name."""
    return int(connection.execute(text("SELECT hashtextextended(:name, 0)"), {"name": name}).scalar_one())
