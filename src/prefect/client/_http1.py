"""HTTP/1.1 framing without any input or output: bytes in, one answer out.

Both connection pools speak to plain HTTP and TLS servers through this module; they only move
bytes. It knows what a REST client needs (RFC 9112: status line, header fields, content length,
chunks, close-delimited bodies, interim answers, gzip) and nothing else: no pipelining, no upgrade,
no trailers. Requests of another kind (HTTP/2, proxies) go through httpx's own transports.

It exists because importing httpcore and h11 costs as much processor time as the rest of a short
run, and because each of their calls costs several times more than this one.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Answer", "AnswerReader", "Headers", "ProtocolError", "request_bytes"]

MAX_HEAD_BYTES = 256 * 1024
"""Longest status line and header section accepted; servers send a few hundred bytes."""

_NO_BODY = frozenset({204, 304})
_HEADER_BREAKERS = str.maketrans("", "", "\r\n\0")


class ProtocolError(Exception):
    """What the other side sent is not an HTTP/1.1 answer."""


class Headers:
    """Header fields of an answer: names in any case, repeated fields joined with a comma."""

    __slots__ = ("pairs",)

    def __init__(self, pairs: "list[tuple[str, str]]") -> None:
        self.pairs = pairs
        """Lower-case name and value, in the order they were received."""

    def get(self, name: str, default: "str | None" = None) -> "str | None":
        name = name.lower()
        values = [value for key, value in self.pairs if key == name]
        return ", ".join(values) if values else default

    def __getitem__(self, name: str) -> str:
        value = self.get(name)
        if value is None:
            raise KeyError(name)
        return value

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self.get(name) is not None

    def __iter__(self) -> "Iterator[str]":
        return iter(dict(self.pairs))

    def __repr__(self) -> str:
        return f"Headers({self.pairs!r})"


class Answer:
    """What the server answered; the part of `httpx.Response` that the client itself needs.

    Attributes:
        status_code: Three digits.
        headers: Header fields.
        content: The body, decompressed.
        url: Where the request went.
        method: How.
    """

    __slots__ = ("content", "headers", "method", "status_code", "url")

    def __init__(
        self,
        status_code: int,
        headers: "list[tuple[str, str]]",
        content: bytes = b"",
        *,
        method: str = "GET",
        url: str = "",
    ) -> None:
        self.status_code = status_code
        self.headers = Headers(headers)
        self.content = content
        self.method = method
        self.url = url

    @property
    def is_success(self) -> bool:
        return 200 <= self.status_code < 300

    @property
    def request(self) -> "Answer":
        """The request's `method` and `url`, which stand here; named as httpx does."""
        return self

    @property
    def text(self) -> str:
        return self.content.decode("utf-8", "replace")

    def json(self) -> "object":
        import json  # rare: most answers are parsed straight into models

        return json.loads(self.content)

    def __repr__(self) -> str:
        return f"<Answer {self.status_code} to {self.method} {self.url}>"


def request_bytes(
    method: str,
    target: str,
    fixed_headers: bytes,
    headers: "Iterable[tuple[str, str]]" = (),
    content: "bytes | None" = None,
) -> bytes:
    """Write one request.

    Args:
        method: Upper case.
        target: Path and query, already quoted; an absolute URL for a plain HTTP proxy.
        fixed_headers: Header lines that are the same for every request, each ending in CRLF.
        headers: Further header fields.
        content: Body; None for none.

    Raises:
        ValueError: If a header field or the target would break out of its line.
    """
    if not target.isascii() or " " in target or target.translate(_HEADER_BREAKERS) != target:
        raise ValueError(f"Cannot send a request to {target!r}: the URL is not quoted.")
    lines = [f"{method} {target} HTTP/1.1\r\n".encode("ascii"), fixed_headers]
    lines.extend(header_line(name, value) for name, value in headers)
    if content is not None:
        lines.append(b"content-length: %d\r\n" % len(content))
    elif method in ("POST", "PUT", "PATCH"):
        lines.append(b"content-length: 0\r\n")
    lines.append(b"\r\n")
    if content:
        lines.append(content)
    return b"".join(lines)


def header_line(name: str, value: str) -> bytes:
    """Write one header field.

    Raises:
        ValueError: If the name or the value contains a line break.
    """
    if name.translate(_HEADER_BREAKERS) != name or value.translate(_HEADER_BREAKERS) != value:
        raise ValueError(f"Header {name!r} cannot be sent: it contains a line break.")
    try:
        return f"{name}: {value}\r\n".encode("ascii")
    except UnicodeEncodeError:
        return f"{name}: {value}\r\n".encode()


class AnswerReader:
    """Collects bytes until one answer is complete.

    Feed it what the socket gives; `feed` says when the answer is there, `feed_eof` when the other
    side closed. Afterwards `answer()` makes the `Answer` and `reusable` tells whether another
    request may be sent on the connection.
    """

    __slots__ = ("_body", "_buffer", "_chunks", "_method", "_pairs", "_remaining", "_status",
                 "_until_eof", "received", "reusable")  # fmt: skip

    def __init__(self, method: str) -> None:
        self.received = False
        """Whether a single byte of the answer has come."""
        self.reusable = False
        self._method = method
        self._buffer = b""
        self._status = 0
        self._pairs: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._remaining: "int | None" = None
        self._until_eof = False
        self._chunks: "_Chunks | None" = None

    def feed(self, data: bytes) -> bool:
        """Take bytes from the socket.

        Returns:
            Whether the answer is complete.

        Raises:
            ProtocolError: If the bytes are not an HTTP/1.1 answer.
        """
        self.received = True
        while not self._status:
            data = self._buffer + data
            head, separator, rest = data.partition(b"\r\n\r\n")
            if not separator:
                if len(data) > MAX_HEAD_BYTES or not b"HTTP/1.1"[: len(data)].startswith(data[:7]):
                    raise ProtocolError(f"not an HTTP answer: it starts with {data[:40]!r}")
                self._buffer = data
                return False
            self._buffer = b""
            data = rest
            self._read_head(head)
        return self._read_body(data)

    def feed_eof(self) -> bool:
        """Take note that the other side closed.

        Returns:
            Whether that completes the answer.
        """
        self.reusable = False
        return bool(self._status) and self._until_eof

    def answer(self, url: str) -> Answer:
        """Make the answer of what was read.

        Raises:
            ProtocolError: If the body is not compressed the way its header says.
        """
        body = self._body[0] if len(self._body) == 1 else b"".join(self._body)
        answer = Answer(self._status, self._pairs, body, method=self._method, url=url)
        encoding = answer.headers.get("content-encoding")
        if encoding and body:
            answer.content = _decoded(body, encoding)
        return answer

    def _read_head(self, head: bytes) -> None:
        first, *lines = head.decode("latin-1").split("\r\n")
        protocol, _, rest = first.partition(" ")
        code = rest[:3]
        if not protocol.startswith("HTTP/1.") or not code.isdigit() or len(code) != 3:
            raise ProtocolError(f"not an HTTP answer: it starts with {first[:40]!r}")
        status = int(code)
        if status == 101:
            raise ProtocolError("the server switched to another protocol (101)")
        if status < 200:
            return  # an interim answer: the real one follows
        pairs = []
        for line in lines:
            name, colon, value = line.partition(":")
            if not colon:
                raise ProtocolError(f"malformed header field {line[:40]!r}")
            pairs.append((name.strip().lower(), value.strip()))
        self._status, self._pairs = status, pairs
        self._plan_body(keep_alive=protocol != "HTTP/1.0")

    def _plan_body(self, *, keep_alive: bool) -> None:
        """Decide how the end of the body is recognised (RFC 9112, 6.3)."""
        length = chunked = None
        for name, value in self._pairs:
            if name == "content-length":
                if not value.isdigit() or length not in (None, int(value)):
                    raise ProtocolError(f"bad content length {value!r}")
                length = int(value)
            elif name == "transfer-encoding":
                chunked = value.lower().endswith("chunked")
            elif name == "connection":
                keep_alive = "close" not in value.lower()
        self.reusable = keep_alive
        if self._method == "HEAD" or self._status in _NO_BODY:
            self._remaining = 0
        elif chunked:
            self._chunks = _Chunks()
        elif length is not None and chunked is None:
            self._remaining = length
        else:
            self._until_eof, self.reusable = True, False

    def _read_body(self, data: bytes) -> bool:
        if self._chunks is not None:
            done = self._chunks.feed(data, self._body)
            if done and self._chunks.buffer:
                self.reusable = False
            return done
        if self._remaining is None:
            if data:
                self._body.append(data)
            return False
        if len(data) > self._remaining:  # bytes nobody asked for: do not trust the connection
            data, self.reusable = data[: self._remaining], False
        if data:
            self._body.append(data)
            self._remaining -= len(data)
        return self._remaining == 0


class _Chunks:
    """Decoder of the chunked transfer coding (RFC 9112, 7.1); trailers are skipped."""

    __slots__ = ("_in_trailers", "_need", "buffer")

    def __init__(self) -> None:
        self.buffer = b""
        self._need = -1
        """Bytes of the current chunk and its line break still to come; -1 before its size."""
        self._in_trailers = False

    def feed(self, data: bytes, body: "list[bytes]") -> bool:
        self.buffer += data
        while True:
            if self._need >= 0:
                if len(self.buffer) < self._need:
                    return False
                if self.buffer[self._need - 2 : self._need] != b"\r\n":
                    raise ProtocolError("a chunk is longer than it says")
                body.append(self.buffer[: self._need - 2])
                self.buffer = self.buffer[self._need :]
                self._need = -1
            line, separator, rest = self.buffer.partition(b"\r\n")
            if not separator:
                if len(line) > MAX_HEAD_BYTES:
                    raise ProtocolError("endless chunk header")
                return False
            self.buffer = rest
            if self._in_trailers:
                if not line:
                    return True
                continue
            try:
                size = int(line.partition(b";")[0].strip(), 16)
            except ValueError:
                raise ProtocolError(f"bad chunk size {line[:40]!r}") from None
            if size < 0:
                raise ProtocolError(f"bad chunk size {line[:40]!r}")
            if size == 0:
                self._in_trailers = True
            else:
                self._need = size + 2


def _decoded(body: bytes, encoding: str) -> bytes:
    import zlib  # only compressed answers need it

    for coding in reversed([name.strip().lower() for name in encoding.split(",")]):
        try:
            if coding in ("gzip", "x-gzip"):
                body = zlib.decompressobj(zlib.MAX_WBITS | 16).decompress(body)
            elif coding == "deflate":
                try:
                    body = zlib.decompress(body)
                except zlib.error:  # some servers send it without the zlib header
                    body = zlib.decompress(body, -zlib.MAX_WBITS)
            elif coding != "identity":
                raise ProtocolError(f"the body is compressed with {coding!r}, not asked for")
        except zlib.error as error:
            raise ProtocolError(f"the body is not valid {coding}: {error}") from error
    return body
