"""Fetch a feed from elsewhere without trusting whoever answers."""

from collections.abc import Mapping
from time import monotonic

import requests
import urllib3
from requests_hardened import Config, HTTPSession

MAX_BYTES = 1_000_000
CHUNK_BYTES = 65_536
CONNECT_TIMEOUT_S = 5.0
READ_TIMEOUT_S = 10.0
TOTAL_TIMEOUT_S = 30.0


class DownloadFailed(Exception):
    """The feed was not fetched; the message says why."""


def download(
    url: str, *, headers: Mapping[str, str] | None = None, trust_loopback: bool = False
) -> bytes:
    """The body at `url`: over TLS, from a public address, of at most 1 MB.

    Redirects are not followed, and the address that was checked is the one that is
    called, so a name that resolves into our own network gets nowhere. `trust_loopback`
    is for development: a feed on this machine, without TLS.

    :raises DownloadFailed:
    """
    if not url.startswith(("https://", "http://") if trust_loopback else "https://"):
        raise DownloadFailed(f"{url} is not an https:// address.")
    config = Config(
        ip_filter_enable=True,
        ip_filter_allow_loopback_ips=trust_loopback,
        never_redirect=True,
        default_timeout=(CONNECT_TIMEOUT_S, READ_TIMEOUT_S),
    )
    try:
        with HTTPSession(config) as session:
            # No proxy and no .netrc from the environment: a proxy would be told the
            # address, and make the call from its own place in the network.
            session.trust_env = False
            # Compressed, a small answer can be a large one.
            session.headers["Accept-Encoding"] = "identity"
            session.headers.update(headers or {})
            with session.get(url, stream=True) as response:
                if response.status_code != 200:
                    raise DownloadFailed(f"{url} answered {response.status_code}.")
                return _body(response.raw, url)
    except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
        raise DownloadFailed(f"{url} cannot be fetched: {error!r}.") from error


def _body(raw: urllib3.BaseHTTPResponse, url: str) -> bytes:
    # The read timeout begins anew with each byte, so a server that sends one at a time
    # needs a limit on the whole. `read1` returns with whatever has come.
    until = monotonic() + TOTAL_TIMEOUT_S
    body = bytearray()
    while chunk := raw.read1(CHUNK_BYTES, decode_content=False):
        body += chunk
        if len(body) > MAX_BYTES:
            raise DownloadFailed(f"{url} sent more than {MAX_BYTES:,} bytes.")
        if monotonic() > until:
            raise DownloadFailed(f"{url} took more than {TOTAL_TIMEOUT_S:g} s.")
    return bytes(body)
