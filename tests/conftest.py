"""What all tests share: a seeded generator, an environment of their own, and no network."""

import ipaddress
import os
import socket

import hypothesis
import numpy as np
import pytest

from helpers import datasets

# The same examples in every run; `HYPOTHESIS_PROFILE=long pytest` tries many new ones.
hypothesis.settings.register_profile(
    "ci", derandomize=True, database=None, deadline=None, max_examples=50
)
hypothesis.settings.register_profile("long", database=None, deadline=None, max_examples=5_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))


@pytest.fixture
def rng():
    """A generator of random numbers that gives every run the same ones."""
    return np.random.default_rng(20240229)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch, tmp_path):
    """Hide the settings and the caches of whoever runs the tests."""
    for name in list(os.environ):
        if name.startswith("WORKBOOK_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "own-cache"))
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "own-keras"))


@pytest.fixture(autouse=True)
def blocked_attempts(monkeypatch):
    """Refuse every connection that leaves this machine, and fail the test that tried one.

    A test that expects attempts asks for this list and clears it in the end.
    """
    attempts = []
    connect, connect_ex, look_up = (
        socket.socket.connect,
        socket.socket.connect_ex,
        socket.getaddrinfo,
    )

    def guard(host):
        if not _is_this_machine(host):
            attempts.append(host)
            raise ConnectionRefusedError(f"the tests do not go to {host}")

    def guarded_connect(self, address):
        guard(_host(self, address))
        return connect(self, address)

    def guarded_connect_ex(self, address):
        guard(_host(self, address))
        return connect_ex(self, address)

    def guarded_look_up(host, *args, **kwargs):
        guard(host)
        return look_up(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_look_up)
    yield attempts
    assert not attempts, f"tried to reach {', '.join(map(str, attempts))}"


@pytest.fixture(scope="session")
def real_cifar10():
    """The real CIFAR-10, or a skipped test. A session fixture still sees the real environment."""
    try:
        return datasets.load_cifar10("real", download=False)
    except datasets.DataUnavailable as error:
        pytest.skip(f"{error.in_one_line()} {datasets.REMEDY}")


def _host(connection, address):
    return address[0] if connection.family in (socket.AF_INET, socket.AF_INET6) else None


def _is_this_machine(host):
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        name = host.decode() if isinstance(host, bytes) else host
        return ipaddress.ip_address(name.partition("%")[0]).is_loopback
    except ValueError:
        return False
