"""An S3-compatible server for tests, with authentication: moto in a process of its own, on loopback."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3

from models.objects.access import S3Credentials

_RUNNING = re.compile(r"Running on (http://127\.0\.0\.1:[0-9]+)")
_POLICY = json.dumps(
    {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
)


@dataclass(frozen=True)
class S3Server:
    """Where it listens, and keys: of somebody who may do everything, and of somebody who may do nothing."""

    endpoint: str
    owner: S3Credentials
    nobody: S3Credentials

    def client(self, service: str = "s3"):
        """The library as a user of the store would use it; for what our program never does."""
        return _client(self.endpoint, service, self.owner)


@contextmanager
def s3_server() -> Iterator[S3Server]:
    """Run one with the bucket "firmware", which keeps versions, and "plain", which does not."""
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", "0"]
    # What it says is read until it listens, and thrown away after that.
    with subprocess.Popen(
        command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True, env=_quiet()
    ) as server:
        try:
            said = iter(server.stderr.readline, "")
            endpoint = next(found[1] for line in said if (found := _RUNNING.search(line)))
            yield _set_up(endpoint)
        finally:
            server.kill()
            server.stderr.read()


@contextmanager
def failing_at(endpoint: str, pattern: str) -> Iterator[int]:
    """Stand before a store, on the port lent, and answer 500 to every request with that in its target."""
    host = endpoint.removeprefix("http://")

    class Passing(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _pass_on(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
            if pattern in self.path:
                status, headers, content = 500, [], b""
            else:
                onward = http.client.HTTPConnection(host)
                # The signature is over the host that was asked.
                onward.request(self.command, self.path, body, dict(self.headers))
                answer = onward.getresponse()
                status, headers, content = answer.status, answer.getheaders(), answer.read()
                onward.close()
            self.send_response_only(status)
            for name, value in headers:
                if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _pass_on  # noqa: N815 - http.server's own names

        def log_message(self, format: str, *arguments: object) -> None:
            del format, arguments

    with ThreadingHTTPServer(("127.0.0.1", 0), Passing) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server.server_address[1]
        finally:
            server.shutdown()
            thread.join()


def _set_up(endpoint: str) -> S3Server:
    anybody = S3Credentials("setting", "up")
    iam, s3 = _client(endpoint, "iam", anybody), _client(endpoint, "s3", anybody)
    keys = {}
    for name in ("owner", "nobody"):
        iam.create_user(UserName=name)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        keys[name] = S3Credentials(made["AccessKeyId"], made["SecretAccessKey"])
    iam.put_user_policy(UserName="owner", PolicyName="all", PolicyDocument=_POLICY)
    s3.create_bucket(Bucket="firmware")
    s3.create_bucket(Bucket="plain")
    s3.put_bucket_versioning(Bucket="firmware", VersioningConfiguration={"Status": "Enabled"})
    # From now on every request must be signed by somebody who may.
    asked = urllib.request.Request(f"{endpoint}/moto-api/reset-auth", b"0", {"Content-Type": "text/plain"})
    urllib.request.urlopen(asked).close()
    return S3Server(endpoint, keys["owner"], keys["nobody"])


def _client(endpoint: str, service: str, keys: S3Credentials):
    return boto3.client(
        service,
        endpoint_url=endpoint,
        region_name="us-east-1",
        aws_access_key_id=keys.access_key,
        aws_secret_access_key=keys.secret_key,
    )


def _quiet() -> dict[str, str]:
    return {**os.environ, "PYTHONWARNINGS": "ignore"}
