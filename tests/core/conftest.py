"""A real S3 server on the loopback, and a bucket of its own for each test."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import count

import pytest

_numbers = count()


@pytest.fixture(scope="session")
def s3_server() -> Iterator[str]:
    """Its address; all S3 clients find it by the environment, those of child processes too."""
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ENDPOINT_URL", f"http://{host}:{port}")
        patch.setenv("AWS_ACCESS_KEY_ID", "nobody")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        patch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(s3_server: str) -> str:
    """The address of an empty bucket."""
    import s3fs

    name = f"bucket-{next(_numbers)}"
    s3fs.S3FileSystem(use_listings_cache=False).mkdir(name)
    return f"s3://{name}"
