"""The database backend: pooled connections are looked at without asking the server.

Django's own health check is a round trip before each request, a tenth of what taking in a packet costs. A server
that ended a connection has said so, and that lies unread in the socket; a connection where nothing lies is used.
Refuses to notice a server that vanished without a word: the statement itself then fails after the system's time.
"""

from __future__ import annotations

import select
from typing import Any

import psycopg
from django.db.backends.postgresql import base
from psycopg_pool import ConnectionPool


class DatabaseWrapper(base.DatabaseWrapper):
    """Django's wrapper; connections that ended while they lay in the pool are replaced."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> psycopg.Connection[Any]:
        """A connection that was not ended by the server. Raises ``psycopg_pool.PoolTimeout``."""
        while True:
            connection: psycopg.Connection[Any] = super().get_new_connection(conn_params)
            if self.pool is None or _is_open(connection):
                return connection
            self.pool.putconn(connection)  # the pool replaces a closed one


def _is_open(connection: psycopg.Connection[Any]) -> bool:
    """Whether the server left the connection open, as far as the socket tells; a closed one is marked as such."""
    if connection.closed:
        return False
    waiting = select.poll()
    waiting.register(connection.fileno(), select.POLLIN)
    if waiting.poll(0):  # an end, or a notice: only asking tells
        try:
            ConnectionPool.check_connection(connection)
        except psycopg.Error:
            connection.close()
    return not connection.closed
