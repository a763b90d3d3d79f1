"""HTTP/1.1 framing compared with h11, which is an independent reading of the same standard."""

from __future__ import annotations

import gzip
import tracemalloc
from typing import NamedTuple

import h11
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from prefect.client import _http1
from prefect.client._http1 import AnswerReader, ProtocolError, request_bytes


class Reading(NamedTuple):
    """What a reader made of an answer."""

    status: int
    headers: list[tuple[bytes, bytes]]
    body: bytes
    reusable: bool


REFUSED = "refused"
INCOMPLETE = "incomplete"


def _ours(pieces: list[bytes], method: str) -> Reading | str:
    reader = AnswerReader(method)
    left = list(pieces)
    try:
        while left:
            if reader.feed(left.pop(0)):
                break
        else:
            if not reader.feed_eof():
                return INCOMPLETE
        answer = reader.answer("")
    except ProtocolError:
        return REFUSED
    headers = [(name.encode(), value.encode("latin-1")) for name, value in answer.headers.pairs]
    # Pieces that are left would be seen when the connection is taken again.
    return Reading(answer.status_code, headers, answer.content, reader.reusable and not left)


def _theirs(pieces: list[bytes], method: str) -> Reading | str:
    connection = h11.Connection(h11.CLIENT, max_incomplete_event_size=1 << 20)
    connection.send(h11.Request(method=method, target="/", headers=[("host", "h")]))
    connection.send(h11.EndOfMessage())
    head: h11.Response | None = None
    body = b""
    try:
        for number, piece in enumerate([*pieces, b""]):
            if connection.their_state in (h11.DONE, h11.MUST_CLOSE, h11.CLOSED):
                break
            connection.receive_data(piece)
            while True:
                event = connection.next_event()
                if event is h11.NEED_DATA or event is h11.PAUSED:
                    break
                if isinstance(event, h11.ConnectionClosed):
                    return INCOMPLETE
                if isinstance(event, h11.Response):
                    head = event
                elif isinstance(event, h11.Data):
                    body += bytes(event.data)
                elif isinstance(event, h11.EndOfMessage):
                    assert head is not None
                    reusable = connection.their_state is h11.DONE
                    rest = connection.trailing_data[0]
                    unread = b"".join(pieces[number + 1 :])
                    return Reading(
                        head.status_code, list(head.headers), body, reusable and not rest + unread
                    )
    except h11.RemoteProtocolError as error:
        return INCOMPLETE if "peer closed" in str(error) or "complete" in str(error) else REFUSED
    return INCOMPLETE


def _cut(data: bytes, sizes: list[int]) -> list[bytes]:
    pieces = []
    for size in sizes:
        pieces.append(data[:size])
        data = data[size:]
    return [piece for piece in [*pieces, data] if piece]


# --- well-formed answers --------------------------------------------------------------------------

names = st.sampled_from(["X-a", "DATE", "server", "Set-Cookie", "x!#$%&'*+.^_`|~9"])
values = st.text(
    st.characters(min_codepoint=0x21, max_codepoint=0xFF, blacklist_characters="\x7f\x85\xa0"),
    max_size=8,
)
spaces = st.sampled_from(["", " ", "\t", "  \t "])


INTERIM = b"HTTP/1.1 103 Early Hints\r\na: b\r\n\r\n"


@st.composite
def cased(draw: st.DrawFn, name: str) -> str:
    flags = draw(st.lists(st.booleans(), min_size=len(name), max_size=len(name)))
    return "".join(c.upper() if flag else c.lower() for c, flag in zip(name, flags, strict=True))


@st.composite
def answers(draw: st.DrawFn) -> tuple[bytes, str]:
    """An answer as a server may write it, and the method it answers."""
    method = draw(st.sampled_from(["GET", "HEAD", "POST"]))
    version = draw(st.sampled_from(["1.1", "1.1", "1.0"]))
    status = draw(st.sampled_from([200, 201, 204, 304, 404, 500, 599, 999]))
    reason = draw(st.sampled_from(["", " ", " OK", " Not\tFound \xe9"]))
    body = draw(st.binary(max_size=60))
    fields = [
        (draw(names), draw(values)) for _ in range(draw(st.integers(min_value=0, max_value=3)))
    ]
    framing = draw(st.sampled_from(["length", "lengths", "list", "chunked", "both", "none"]))
    no_body = method == "HEAD" or status in (204, 304)
    payload = b"" if no_body else body
    if framing in ("length", "lengths", "both"):
        name = draw(cased("content-length"))
        fields += [(name, str(len(body)))] * (2 if framing == "lengths" else 1)
    if framing == "list":
        fields.append((draw(cased("content-length")), f"{len(body)}, {len(body)}"))
    if framing in ("chunked", "both"):
        fields.append((draw(cased("transfer-encoding")), draw(cased("chunked"))))
        if not no_body:
            payload = draw(chunked(body))
    connection = draw(st.sampled_from(["", "close", "Close, x", "keep-alive", "upgrade", "xclose"]))
    if connection:
        fields.append((draw(cased("connection")), connection))
    fields = draw(st.permutations(fields))
    head = "".join(f"{n}:{draw(spaces)}{v}{draw(spaces)}\r\n" for n, v in fields)
    interim = draw(
        st.sampled_from(
            [b"", b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 103 x\r\na: b\r\n\r\n" * 2]
        )
    )
    start = f"HTTP/{version} {status}{reason}\r\n{head}\r\n".encode("latin-1")
    surplus = draw(st.sampled_from([b"", b"", b"", b"H", b"HTTP/1.1 200 OK\r\n\r\n"]))
    return interim + start + payload + surplus, method


@st.composite
def chunked(draw: st.DrawFn, body: bytes) -> bytes:
    parts = _cut(body, draw(st.lists(st.integers(1, 20), max_size=4)))
    extension = st.sampled_from([b"", b";a", b';a="b c"', b";x=1 ", b" "])
    lines = [
        draw(st.sampled_from([b"%x", b"%X", b"00%x"])) % len(part)
        + draw(extension)
        + b"\r\n"
        + part
        for part in parts
    ]
    trailers = draw(st.sampled_from([b"", b"T: x\r\n", b"T: x\r\nU:\r\n"]))
    return b"\r\n".join([*lines, b"0" + draw(extension)]) + b"\r\n" + trailers + b"\r\n"


cuts = st.lists(st.integers(1, 30), max_size=30)


@settings(max_examples=200, deadline=None)
@given(answer=answers(), sizes=cuts, whole=st.booleans())
def test_answers_are_read_as_h11_reads_them(
    answer: tuple[bytes, str], sizes: list[int], whole: bool
) -> None:
    data, method = answer
    pieces = [data] if whole else _cut(data, sizes)

    ours, theirs = _ours(pieces, method), _theirs(pieces, method)

    assert isinstance(ours, Reading)
    assert isinstance(theirs, Reading)
    assert ours.status == theirs.status
    assert ours.body == theirs.body
    assert _joined(ours.headers) == _joined(theirs.headers)
    assert _is_as_careful(ours, theirs, data)


@settings(max_examples=25, deadline=None)
@given(answer=answers())
def test_every_split_gives_the_same(answer: tuple[bytes, str]) -> None:
    data, method = answer
    whole = _ours([data], method)

    for position in range(1, len(data)):
        split = _ours([data[:position], data[position:]], method)
        assert split == whole, position
    assert _ours([data[i : i + 1] for i in range(len(data))], method) == whole


def _is_as_careful(ours: Reading, theirs: Reading, data: bytes) -> bool:
    """Whether we use a connection again only where h11 does; it never does under HTTP/1.0."""
    return theirs.reusable or not ours.reusable or b"HTTP/1.0" in data


def _joined(headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """As h11 has them: framing fields normalised, a repeated content length once."""
    framing = (b"content-length", b"transfer-encoding")
    seen = {name: value.split(b",")[0].lower() for name, value in headers if name in framing}
    return sorted(pair for pair in headers if pair[0] not in framing) + sorted(seen.items())


# --- anything else --------------------------------------------------------------------------------

BITS = [
    *(bytes([one]) for one in b"\r\n \t\x00\xb2\xa0:;_+-"), b"\r\n", b"\r\n\r\n", b"0x", b"101",
    b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 000 \r\n\r\n", b"HTTP/1.1 099 \r\n\r\n",
    b"HTTP/1.1 2000 OK\r\n\r\n", b"content-length: 5", b"Content-Length : 5\r\n", b"9" * 30,
    b"9" * 5000, b"\r\n folded", b"transfer-encoding: gzip, chunked\r\n",
    b"transfer-encoding: xchunked\r\n",
]  # fmt: skip


@st.composite
def damaged(draw: st.DrawFn) -> tuple[bytes, str]:
    """An answer with bytes put in, taken out or changed."""
    data, method = draw(answers())
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 4)))
        data = data[:start] + draw(st.sampled_from(BITS) | st.binary(max_size=3)) + data[end:]
    return data, method


@settings(max_examples=500, deadline=None)
@given(answer=damaged() | st.tuples(st.binary(max_size=200), st.just("GET")), sizes=cuts)
@example((b"HTTP/1.1 \xb2\xb2\xb2 OK\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 200 OK\r\nContent-Length: " + b"9" * 5000 + b"\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 200 OK\r\nContent-Length: \xb2\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0x1\r\na\r\n0\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n+1\r\na\r\n0\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n", "GET"), [])
@example((b"HTTP/1.1 2000 OK\r\nContent-Length: 0\r\n\r\n", "GET"), [])
def test_nothing_is_accepted_that_h11_refuses(answer: tuple[bytes, str], sizes: list[int]) -> None:
    data, method = answer
    pieces = _cut(data, sizes)

    ours = _ours(pieces, method)  # raises nothing but `ProtocolError`, and ends

    if isinstance(ours, Reading):
        theirs = _theirs(pieces, method)
        assert isinstance(theirs, Reading), theirs
        assert (ours.status, ours.body) == (theirs.status, theirs.body)
        assert _is_as_careful(ours, theirs, data)


# --- bounds ---------------------------------------------------------------------------------------


def _feed_often(reader: AnswerReader, data: bytes) -> None:
    for _ in range(1 << 16):
        reader.feed(data)


@pytest.mark.parametrize(
    "endless",
    [
        b"HTTP/1.1 100 Continue\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nx: ",
    ],
)
def test_head_is_bounded(endless: bytes) -> None:
    reader = AnswerReader("GET")

    with pytest.raises(ProtocolError, match="longer"):
        _feed_often(reader, endless)


@pytest.mark.parametrize("line", [b"1" * 9, b"1;" + b"x" * 5000, b"0\r\n" + b"a: b\r\n" * 500])
def test_lines_of_chunks_are_bounded(line: bytes) -> None:
    reader = AnswerReader("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")

    with pytest.raises(ProtocolError):
        _feed_often(reader, line)


@pytest.mark.parametrize(
    ("head", "body"),
    [
        (b"Content-Length: 2000", b""),
        (b"Transfer-Encoding: chunked", b"5dc\r\n" + b"x" * 1500),
        (b"Connection: close", b"x" * 1500),
    ],
)
def test_body_is_bounded(monkeypatch: pytest.MonkeyPatch, head: bytes, body: bytes) -> None:
    monkeypatch.setattr(_http1, "MAX_BODY_BYTES", 1000)
    reader = AnswerReader("GET")

    with pytest.raises(ProtocolError, match="longer than 1000"):
        reader.feed(b"HTTP/1.1 200 OK\r\n" + head + b"\r\n\r\n" + body)


def _compressed(body: bytes) -> AnswerReader:
    reader = AnswerReader("GET")
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n" % len(body)
    assert reader.feed(head + body)
    return reader


def test_exploding_body_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_http1, "MAX_BODY_BYTES", 100_000)
    reader = _compressed(gzip.compress(b"\0" * 20_000_000))

    tracemalloc.start()
    with pytest.raises(ProtocolError, match="when opened"):
        reader.answer("")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 2_000_000


@pytest.mark.parametrize("cut", [-1, -9, 12])
def test_compressed_body_that_is_cut_short_is_refused(cut: int) -> None:
    with pytest.raises(ProtocolError, match="cut short"):
        _compressed(gzip.compress(b"hello" * 100)[:cut]).answer("")


def test_small_chunks_take_no_more_memory_than_their_bytes() -> None:
    reader = AnswerReader("GET")
    reader.feed(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    piece = b"1\r\nx\r\n" * 10_000

    tracemalloc.start()
    for _ in range(10):
        reader.feed(piece)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()

    assert peak < 1_000_000


# --- requests -------------------------------------------------------------------------------------

targets = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)


@settings(max_examples=100, deadline=None)
@given(
    method=st.sampled_from(["GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]),
    target=targets.map(lambda text: "/" + text),
    fields=st.lists(st.tuples(names, values), max_size=3),
    content=st.none() | st.binary(max_size=50),
)
def test_requests_are_read_by_h11(
    method: str, target: str, fields: list[tuple[str, str]], content: bytes | None
) -> None:
    connection = h11.Connection(h11.SERVER)
    connection.receive_data(request_bytes(method, target, b"host: h\r\n", fields, content))

    request = connection.next_event()
    assert isinstance(request, h11.Request)
    body = b""
    while not isinstance(event := connection.next_event(), h11.EndOfMessage):
        assert isinstance(event, h11.Data)
        body += bytes(event.data)
    assert (request.method, request.target) == (method.encode(), target.encode())
    assert body == (content or b"")
    assert connection.trailing_data == (b"", False)
    received = [pair for pair in request.headers if pair[0] != b"content-length"]
    assert received == [
        (b"host", b"h"),
        *((name.lower().encode(), value.encode()) for name, value in fields),
    ]


@settings(max_examples=200, deadline=None)
@given(
    method=st.just("GET") | st.text(max_size=6),
    target=st.text(max_size=8).map(lambda text: "/" + text),
    name=st.just("x") | st.text(max_size=6),
    value=st.text(max_size=8),
)
@example("GET /evil HTTP/1.1\r\nx:y\r\n\r\nGET", "/", "x", "")
@example("GET", "/\tHTTP/1.1", "x", "")
@example("GET", "/", "content-length: 9\r\nx", "")
@example("GET", "/", "a:b", "")
@example("GET", "/", "x", "y\nz: 1")
def test_one_request_stays_one_whatever_it_is_made_of(
    method: str, target: str, name: str, value: str
) -> None:
    try:
        data = request_bytes(method, target, b"host: h\r\n", [(name, value)], b"body")
    except ValueError:
        return
    head, _, body = data.partition(b"\r\n\r\n")
    first, host, field, length = head.split(b"\r\n")
    assert body == b"body"
    assert first == f"{method} {target} HTTP/1.1".encode()
    assert first.count(b" ") == 2
    assert (host, length) == (b"host: h", b"content-length: 4")
    assert field == f"{name}: {value}".encode()
    assert b":" not in name.encode()
