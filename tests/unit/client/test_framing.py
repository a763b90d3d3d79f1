"""HTTP/1.1 framing and proxy rules: pure functions."""

from __future__ import annotations

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from prefect.client._http1 import Answer, AnswerReader, ProtocolError, request_bytes
from prefect.client._proxies import http_proxy, is_bypassed


def _read(data: bytes, method: str = "GET", size: int = 1 << 20) -> tuple[Answer, AnswerReader]:
    reader = AnswerReader(method)
    done = False
    for start in range(0, len(data), size):
        assert not done, "bytes after the end"
        done = reader.feed(data[start : start + size])
    if not done:
        assert reader.feed_eof()
    return reader.answer("http://h/"), reader


@given(body=st.binary(max_size=300), size=st.integers(1, 40), chunked=st.booleans())
def test_body_is_read_whatever_the_pieces(body: bytes, size: int, chunked: bool) -> None:
    if chunked:
        middle = len(body) // 2
        parts = [part for part in (body[:middle], body[middle:]) if part]
        framed = b"".join(b"%x;e=1\r\n%b\r\n" % (len(part), part) for part in parts)
        data = (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + framed + b"0\r\nT: x\r\n\r\n"
        )
    else:
        data = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(body) + body

    answer, reader = _read(data, size=size)

    assert answer.content == body
    assert reader.reusable


def test_body_without_length_ends_with_the_connection() -> None:
    answer, reader = _read(b"HTTP/1.1 200 OK\r\n\r\nabc")

    assert answer.content == b"abc"
    assert not reader.reusable


@pytest.mark.parametrize(
    ("head", "reusable"),
    [
        (b"HTTP/1.1 204 No Content\r\n\r\n", True),
        (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n", True),
        (b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n", False),
        (b"HTTP/1.0 204 No Content\r\n\r\n", False),
        (b"HTTP/1.0 204 No Content\r\nConnection: keep-alive\r\n\r\n", True),
    ],
)
def test_answers_without_body(head: bytes, reusable: bool) -> None:
    answer, reader = _read(head)

    assert answer.content == b""
    assert reader.reusable is reusable


def test_interim_answers_are_skipped() -> None:
    answer, _ = _read(
        b"HTTP/1.1 103 Early\r\nX: y\r\n\r\nHTTP/1.1 201 OK\r\nContent-Length: 0\r\n\r\n"
    )

    assert answer.status_code == 201


def test_surplus_bytes_make_the_connection_unusable() -> None:
    answer, reader = _read(b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nabc")

    assert answer.content == b"a"
    assert not reader.reusable


def test_cut_answer_is_not_complete() -> None:
    reader = AnswerReader("GET")

    assert not reader.feed(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nabc")
    assert not reader.feed_eof()


@pytest.mark.parametrize(
    "data",
    [
        b"SSH-2.0-OpenSSH\r\n",
        b"HTTP/2 200\r\n\r\n",
        b"HTTP/1.1 20x OK\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nbroken\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc",
        b"HTTP/1.1 101 Switching\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 300_000,
    ],
)
def test_what_is_no_answer_is_refused(data: bytes) -> None:
    with pytest.raises(ProtocolError):
        AnswerReader("GET").feed(data)


@pytest.mark.parametrize(
    ("encoding", "body"),
    [("gzip", gzip.compress(b"hi")), ("deflate", zlib.compress(b"hi")), ("identity", b"hi")],
    ids=["gzip", "deflate", "identity"],  # bytes would put the time into the name
)
def test_compressed_body_is_opened(encoding: str, body: bytes) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n"

    assert _read(head.encode() + body)[0].content == b"hi"


def test_body_that_is_not_compressed_as_said_is_refused() -> None:
    reader = AnswerReader("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nhi")

    with pytest.raises(ProtocolError, match="gzip"):
        reader.answer("")


def test_repeated_fields_are_joined() -> None:
    answer, _ = _read(b"HTTP/1.1 204 x\r\nA: 1\r\na: 2\r\n\r\n")

    assert answer.headers["A"] == "1, 2"
    assert "b" not in answer.headers


@pytest.mark.parametrize(
    ("target", "headers"),
    [
        ("/a b", []),
        ("/a\r\nX: y", []),
        ("/ä", []),
        ("/a", [("X", "1\r\nY: 2")]),
        ("/a", [("X\n", "1")]),
    ],
)
def test_nothing_breaks_out_of_its_line(target: str, headers: list[tuple[str, str]]) -> None:
    with pytest.raises(ValueError, match=r"cannot|Cannot"):
        request_bytes("GET", target, b"", headers)


@pytest.mark.parametrize(
    ("host", "port", "no_proxy", "bypassed"),
    [
        ("a.example.com", 80, "example.com", True),
        ("a.example.com", 80, ".example.com", True),
        ("example.com", 80, "*.example.com", True),
        ("notexample.com", 80, "example.com", False),
        ("h", 80, "x, *", True),
        ("h", 4200, "h:4200", True),
        ("h", 80, "h:4200", False),
        ("10.1.2.3", 80, "10.0.0.0/8", True),
        ("11.1.2.3", 80, "10.0.0.0/8", False),
        ("::1", 80, "[::1]", True),
        ("::1", 80, "::1", True),
        ("h", 80, "", False),
        ("h", 80, "http://h", True),
    ],
)
def test_no_proxy_names_hosts(host: str, port: int, no_proxy: str, bypassed: bool) -> None:
    assert is_bypassed(host, port, no_proxy) is bypassed


def test_proxy_address_is_read() -> None:
    assert http_proxy("http://u:p%40@h:3128") == ("h", 3128, "Basic dTpwQA==")
    assert http_proxy("socks5://h:1") is None
