"""HTTP/1.1 framing without any input or output: bytes in, one answer out.

Both connection pools speak to plain HTTP and TLS servers through this module; they only move
bytes. It knows what a REST client needs (RFC 9112: status line, header fields, content length,
chunks, close-delimited bodies, interim answers, gzip) and nothing else: no pipelining, no upgrade,
no trailers. Requests of another kind (HTTP/2, proxies) go through httpx's own transports.

Its tests compare it with h11, answer by answer: it accepts nothing that h11 refuses, and reads
what both accept in the same way.

It exists because importing httpcore and h11 costs as much processor time as the rest of a short
run, and because each of their calls costs several times more than this one.
"""

import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

__all__ = ["Answer", "AnswerReader", "Headers", "ProtocolError", "request_bytes"]

MAX_HEAD_BYTES = 256 * 1024
"""Longest status line and header section accepted, interim answers and trailers included; servers
send a few hundred bytes."""

MAX_CHUNK_LINE_BYTES = 16 * 1024
"""Longest line before a chunk: its size and extensions."""

MAX_BODY_BYTES = 1 << 30
"""Longest body accepted, before and after it is decompressed. No answer of the API comes near it;
a server that goes astray, or a body that explodes when opened, costs an error and not the
machine's memory."""

_NO_BODY = frozenset({204, 304})

_TOKEN = r"[-!#$%&'*+.^_`|~0-9A-Za-z]+"
_STATUS_LINE = re.compile(r"HTTP/1\.([0-9]) ([1-9][0-9][0-9])(?: [^\x00\r\n\v\f]*)?")
_FIELD = re.compile(rf"({_TOKEN}):([^\x00\r\n\v\f]*)")
_CHUNK_LINE = re.compile(rb"([0-9A-Fa-f]{1,16})(?:;[^\x00\r\n]*)?[ \t]*")
_LENGTH = re.compile(r"[0-9]{1,20}")
_is_token = re.compile(_TOKEN).fullmatch
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
        ValueError: If the method, a header field or the target would break out of its line.
    """
    if not target.isascii() or not target.isprintable() or " " in target:
        raise ValueError(f"Cannot send a request to {target!r}: the URL is not quoted.")
    if not _is_token(method):
        raise ValueError(f"Cannot send a request: {method!r} is not an HTTP method.")
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
        ValueError: If the name is not one or the value contains a line break.
    """
    if not _is_token(name):
        raise ValueError(f"Header {name!r} cannot be sent: that is not the name of a header.")
    if value.translate(_HEADER_BREAKERS) != value:
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

    __slots__ = ("_body", "_buffer", "_chunks", "_head_left", "_method", "_pairs", "_remaining",
                 "_status", "_until_eof", "complete", "received", "reusable")  # fmt: skip

    def __init__(self, method: str) -> None:
        self.received = False
        """Whether a single byte of the answer has come."""
        self.complete = False
        self.reusable = False
        self._method = method
        self._buffer = bytearray()
        self._head_left = MAX_HEAD_BYTES
        self._status = 0
        self._pairs: list[tuple[str, str]] = []
        self._body = bytearray()
        self._remaining = 0
        self._until_eof = False
        self._chunks: "_Chunks | None" = None

    def feed(self, data: bytes) -> bool:
        """Take bytes from the socket; none after it said that the answer is complete.

        Returns:
            Whether the answer is complete.

        Raises:
            ProtocolError: If the bytes are not an HTTP/1.1 answer.
        """
        self.received = True
        if not self._status:
            searched = max(len(self._buffer) - 3, 0)
            self._buffer += data
            while not self._status:
                end = self._buffer.find(b"\r\n\r\n", searched)
                if (len(self._buffer) if end < 0 else end) > self._head_left:
                    raise ProtocolError(f"its header is longer than {MAX_HEAD_BYTES} bytes")
                if end < 0:
                    if not b"HTTP/1.".startswith(self._buffer[:7]):
                        raise _no_answer(bytes(self._buffer))
                    return False
                self._read_head(self._buffer[:end].decode("latin-1"))
                self._head_left -= end
                searched = 0
                del self._buffer[: end + 4]
            data = bytes(self._buffer)
        self.complete = self._read_body(data)
        return self.complete

    def feed_eof(self) -> bool:
        """Take note that the other side closed.

        Returns:
            Whether that completes the answer.
        """
        self.reusable = False
        self.complete = self._until_eof
        return self.complete

    def answer(self, url: str) -> Answer:
        """Make the answer of what was read.

        Raises:
            ProtocolError: If the body is not compressed the way its header says.
        """
        body = bytes(self._body)
        answer = Answer(self._status, self._pairs, body, method=self._method, url=url)
        encoding = answer.headers.get("content-encoding")
        if encoding and body:
            answer.content = _decoded(body, encoding)
        return answer

    def _read_head(self, head: str) -> None:
        first, _, fields = head.partition("\r\n")
        parts = _STATUS_LINE.fullmatch(first)
        if parts is None:
            raise _no_answer(first.encode("latin-1"))
        status = int(parts[2])
        if status == 101:
            raise ProtocolError("the server switched to another protocol (101)")
        pairs = _fields(fields)
        if status < 200:
            return  # an interim answer: the real one follows
        self._status, self._pairs = status, pairs
        self._plan_body(keep_alive=parts[1] != "0")

    def _plan_body(self, *, keep_alive: bool) -> None:
        """Decide how the end of the body is recognised (RFC 9112, 6.3)."""
        lengths: set[str] = set()
        codings: list[str] = []
        options: set[str] = set()
        for name, value in self._pairs:
            if name == "content-length":
                lengths.update(one.strip(" \t") for one in value.split(","))
            elif name == "transfer-encoding":
                codings.append(value.lower())
            elif name == "connection":
                options.update(one.strip(" \t").lower() for one in value.split(","))
        self.reusable = (keep_alive or "keep-alive" in options) and "close" not in options
        if len(lengths) > 1 or not all(map(_LENGTH.fullmatch, lengths)):
            raise ProtocolError(f"bad content length {', '.join(lengths)[:40]!r}")
        if codings and codings != ["chunked"]:
            raise ProtocolError(f"unknown transfer coding {', '.join(codings)[:40]!r}")
        if codings and (lengths or not keep_alive):  # contradictory, or older than chunks
            self.reusable = False
        if self._method == "HEAD" or self._status in _NO_BODY:
            return
        if codings:
            self._chunks = _Chunks()
        elif lengths:
            self._remaining = int(lengths.pop())
            self._check_length(self._remaining)
        else:
            self._until_eof, self.reusable = True, False

    def _read_body(self, data: bytes) -> bool:
        if self._chunks is not None:
            done = self._chunks.feed(data, self._body)
            self._check_length(len(self._body))
            if done and self._chunks.buffer:
                self.reusable = False
            return done
        if self._until_eof:
            self._body += data
            self._check_length(len(self._body))
            return False
        if len(data) > self._remaining:  # bytes nobody asked for: do not trust the connection
            data, self.reusable = data[: self._remaining], False
        self._body += data
        self._remaining -= len(data)
        return self._remaining == 0

    @staticmethod
    def _check_length(length: int) -> None:
        if length > MAX_BODY_BYTES:
            raise ProtocolError(f"its body is longer than {MAX_BODY_BYTES} bytes")


def _no_answer(data: bytes) -> ProtocolError:
    return ProtocolError(f"not an HTTP answer: it starts with {data[:40]!r}")


def _fields(text: str) -> "list[tuple[str, str]]":
    """Read header fields."""
    if "\r\n " in text or "\r\n\t" in text:  # obsolete line folding (RFC 9112, 5.2)
        text = re.sub("\r\n[ \t]+", " ", text)
    pairs = []
    for line in text.split("\r\n") if text else ():
        parts = _FIELD.fullmatch(line)
        if parts is None:
            raise ProtocolError(f"malformed header field {line[:40]!r}")
        pairs.append((parts[1].lower(), parts[2].strip(" \t")))
    return pairs


class _Chunks:
    """Decoder of the chunked transfer coding (RFC 9112, 7.1); trailers are skipped."""

    __slots__ = ("_data_left", "_ends_chunk", "_trailer_left", "buffer")

    def __init__(self) -> None:
        self.buffer = b""
        """The beginning of a line; after the last chunk, what followed it."""
        self._data_left = 0
        self._ends_chunk = False
        """Whether the next line is the empty one after a chunk."""
        self._trailer_left = -1
        """How many bytes of trailers are still accepted; -1 before the last chunk."""

    def feed(self, data: bytes, body: bytearray) -> bool:
        data = self.buffer + data
        self.buffer = b""
        position = 0
        while True:
            if self._data_left:
                part = data[position : position + self._data_left]
                body += part
                position += len(part)
                self._data_left -= len(part)
                if self._data_left:
                    return False
            end = data.find(b"\r\n", position)
            if end < 0:
                self.buffer = data[position:]
                if self._ends_chunk and not b"\r".startswith(self.buffer):
                    raise ProtocolError("a chunk is longer than it says")
                if len(self.buffer) > MAX_CHUNK_LINE_BYTES:
                    raise ProtocolError("endless chunk header")
                return False
            line = data[position:end]
            position = end + 2
            if self._read_line(line):
                self.buffer = data[position:]
                return True

    def _read_line(self, line: bytes) -> bool:
        """Take one line between chunks; True for the last."""
        if self._ends_chunk:
            if line:
                raise ProtocolError("a chunk is longer than it says")
            self._ends_chunk = False
        elif self._trailer_left >= 0:
            self._trailer_left -= len(line) + 2
            if self._trailer_left < 0:
                raise ProtocolError("endless trailers")
            if not line:
                return True
            _fields(line.decode("latin-1"))
        else:
            parts = _CHUNK_LINE.fullmatch(line)
            if parts is None:
                raise ProtocolError(f"bad chunk size {line[:40]!r}")
            self._data_left = int(parts[1], 16)
            self._ends_chunk = self._data_left > 0
            if not self._data_left:
                self._trailer_left = MAX_HEAD_BYTES
        return False


def _decoded(body: bytes, encoding: str) -> bytes:
    import zlib  # only compressed answers need it

    for coding in reversed([name.strip().lower() for name in encoding.split(",")]):
        try:
            if coding in ("gzip", "x-gzip"):
                body = _inflated(body, zlib.MAX_WBITS | 16, coding)
            elif coding == "deflate":
                try:
                    body = _inflated(body, zlib.MAX_WBITS, coding)
                except zlib.error:  # some servers send it without the zlib header
                    body = _inflated(body, -zlib.MAX_WBITS, coding)
            elif coding != "identity":
                raise ProtocolError(f"the body is compressed with {coding!r}, not asked for")
        except zlib.error as error:
            raise ProtocolError(f"the body is not valid {coding}: {error}") from error
    return body


def _inflated(body: bytes, window: int, coding: str) -> bytes:
    import zlib

    inflater = zlib.decompressobj(window)
    opened = inflater.decompress(body, MAX_BODY_BYTES + 1)
    if len(opened) > MAX_BODY_BYTES:
        raise ProtocolError(f"its body is longer than {MAX_BODY_BYTES} bytes when opened")
    if not inflater.eof or inflater.unused_data:
        raise ProtocolError(f"the {coding} body is cut short, or more follows it")
    return opened
