"""A real nginx on loopback in front of a real server, in the ways that companies set one up.

`Lab` starts one nginx process with a port for each way in (`Lab.ports`) and keeps what it logs, so
that a test can tell which way a request took. Certificates are made with the `openssl` binary.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import NamedTuple

from interop.environments import free_port

__all__ = ["GATE_HEADER", "USER", "Access", "Lab", "make_certificates"]

GATE_HEADER = ("X-Gate-Token", "let-me-in")
"""What the `gate` port wants to see."""

USER = ("ada", "l0velace")
"""Whom the `basic` port lets in."""

LISTENS = {
    "tls": "ssl http2",
    "mutual": "ssl",
    "prefix": "",
    "basic": "",
    "gate": "",
    "secured": "ssl",
}
"""Way in → how nginx listens there."""

SERVER = """
  server {{
    listen 127.0.0.1:{port} {listen};
    {rules}
    location {prefix} {{
      {location_rules}
      proxy_pass http://127.0.0.1:{upstream}/api/;
      proxy_http_version 1.1;
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
    }}
  }}
"""

CONFIGURATION = """
{user}
daemon off;
worker_processes 1;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 256; }}
http {{
  log_format way "$server_port $server_protocol $status $request_method $request_uri "
    "$sent_http_content_encoding";
  access_log {folder}/access.log way;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  gzip on;
  gzip_min_length 1;
  gzip_types application/json;
  map $http_upgrade $connection_upgrade {{ default upgrade; "" ""; }}
  {servers}
}}
"""

ACCESS_LINE = re.compile(r"(\d+) (\S+) (\d+) (\S+) (\S+) (\S+)")


class Access(NamedTuple):
    """One finished request in nginx's log; without content coding, `encoding` is a dash."""

    protocol: str
    status: int
    method: str
    path: str
    encoding: str


class Lab:
    """One nginx process; use as a context manager.

    Args:
        folder: For its files.
        upstream: Port of the real server.
        secured: Port of the real server that wants an auth string itself.

    Raises:
        RuntimeError: If nginx is not installed or does not start.
    """

    def __init__(self, folder: Path, upstream: int, secured: int) -> None:
        self.folder = folder
        self.ports = {name: free_port() for name in LISTENS}
        self.certificates = make_certificates(folder)
        self._upstreams = dict.fromkeys(LISTENS, upstream) | {"secured": secured}
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, way: str) -> str:
        """The API's address by one of the ways in."""
        scheme = "https" if "ssl" in LISTENS[way] else "http"
        return f"{scheme}://127.0.0.1:{self.ports[way]}{self._prefix(way)}".rstrip("/")

    def seen(self, way: str) -> list[Access]:
        """What came in one way."""
        lines = (self.folder / "access.log").read_text().splitlines()
        found = [match.groups() for match in map(ACCESS_LINE.fullmatch, lines) if match]
        return [
            Access(protocol, int(status), *rest)
            for port, protocol, status, *rest in found
            if int(port) == self.ports[way]
        ]

    def seen_since(self, way: str, before: int) -> list[Access]:
        """What came in one way after so many requests; waits for the first, which is logged late.

        Raises:
            TimeoutError: If none came.
        """
        deadline = time.monotonic() + 20
        while not (found := self.seen(way)[before:]):
            if time.monotonic() > deadline:
                raise TimeoutError(f"nginx logged no request to {way!r} after the first {before}")
            time.sleep(0.02)
        return found

    def __enter__(self) -> Lab:
        # Debian keeps it where only root looks.
        binary = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin:/usr/local/sbin")
        if binary is None:
            raise RuntimeError(
                "These tests need nginx: run `apt-get install -y nginx-light` (any nginx with TLS"
                " and HTTP/2 will do), then try again."
            )
        configuration = self.folder / "nginx.conf"
        configuration.write_text(self._configuration())
        command = [binary, "-p", str(self.folder), "-c", str(configuration)]
        with open(self.folder / "output.log", "wb") as output:
            self._process = subprocess.Popen(
                [*command, "-e", str(self.folder / "error.log")], stdout=output, stderr=output
            )
        deadline = time.monotonic() + 20
        while not (self.folder / "nginx.pid").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self._process.kill()
                raise RuntimeError(
                    "nginx did not start:\n"
                    + (self.folder / "output.log").read_text()
                    + (self.folder / "error.log").read_text()
                )
            time.sleep(0.02)
        return self

    def __exit__(self, *exc_info: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)

    def _prefix(self, way: str) -> str:
        return "/orchestrator/api/" if way == "prefix" else "/api/"

    def _configuration(self) -> str:
        tls = (
            f"ssl_certificate {self.folder}/server.pem;"
            f" ssl_certificate_key {self.folder}/server.key;"
        )
        rules = dict.fromkeys(LISTENS, "")
        for way, listen in LISTENS.items():
            if "ssl" in listen:
                rules[way] = tls
        rules["mutual"] += f" ssl_client_certificate {self.folder}/ca.pem; ssl_verify_client on;"
        location_rules = dict.fromkeys(LISTENS, "")
        location_rules["basic"] = (
            f'auth_basic "lab"; auth_basic_user_file {self._password_file()};'
            ' proxy_set_header Authorization "";'
        )
        name, value = GATE_HEADER
        variable = "$http_" + name.lower().replace("-", "_")
        location_rules["gate"] = f'if ({variable} != "{value}") {{ return 403; }}'
        servers = "".join(
            SERVER.format(
                port=self.ports[way],
                listen=listen,
                rules=rules[way],
                prefix=self._prefix(way),
                location_rules=location_rules[way],
                upstream=self._upstreams[way],
            )
            for way, listen in LISTENS.items()
        )
        # Started by root, the workers would take another user's name, whom our files are closed to.
        user = "user root;" if os.geteuid() == 0 else ""
        return CONFIGURATION.format(user=user, folder=self.folder, servers=servers)

    def _password_file(self) -> Path:
        name, password = USER
        path = self.folder / "passwords"
        path.write_text(f"{name}:{_openssl('passwd', '-apr1', password).strip()}\n")
        return path


def make_certificates(folder: Path) -> Path:
    """Make an authority, a server's and a client's certificate; and a stranger's authority.

    Returns:
        The folder with `ca.pem`, `server.pem`, `client.pem`, `stranger.pem` and their `.key`s.
    """
    for name in ("ca", "stranger"):
        _openssl(
            *("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"),
            *("-subj", f"/CN={name} of the lab", "-keyout", folder / f"{name}.key"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-out", folder / f"{name}.pem"),
        )
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    for name in ("server", "client"):
        _openssl(
            *("req", "-newkey", "rsa:2048", "-nodes", "-subj", f"/CN={name} of the lab"),
            *("-keyout", folder / f"{name}.key", "-out", folder / f"{name}.csr"),
        )
        _openssl(
            *("x509", "-req", "-days", "2", "-in", folder / f"{name}.csr"),
            *("-CA", folder / "ca.pem", "-CAkey", folder / "ca.key", "-CAcreateserial"),
            *("-extfile", folder / "names", "-out", folder / f"{name}.pem"),
        )
    return folder


def _openssl(*arguments: object) -> str:
    binary = shutil.which("openssl")
    if binary is None:
        raise RuntimeError(
            "These tests need openssl: run `apt-get install -y openssl`, then try again."
        )
    command = [binary, *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)} failed: {done.stderr}")
    return done.stdout
