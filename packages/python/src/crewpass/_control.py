"""Requests to the control API of a fake."""

from __future__ import annotations

import http.client
import ipaddress
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any

from ._errors import CrewPassError

#: How long an answer may take, in seconds. A long poll adds its own time.
PATIENCE = 60.0


class ControlError(CrewPassError):
    """The fake refused a command. Its text says what to send instead."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class NotJson(CrewPassError):
    """An answer that no fake gives."""


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: Any) -> None:
        """Follows no redirect: the control API has none."""


class Control:
    """The control API below one URL: of a server, or of a session."""

    def __init__(
        self,
        url: str,
        token: str | None = None,
        tls: ssl.SSLContext | None = None,
        how_it_ended: Callable[[], str] = str,
    ) -> None:
        self.url = url.rstrip("/")
        self._token = token
        self._tls = tls
        # Says of a fake that this process started, and that can't be reached, how it ended.
        self._how_it_ended = how_it_ended
        handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
        handlers.append(urllib.request.HTTPSHandler(context=tls))
        if _is_loopback(self.url):
            # This machine is never behind a proxy. Others are, if the variables of a proxy say so.
            handlers.append(urllib.request.ProxyHandler({}))
        self._opener = urllib.request.build_opener(*handlers)

    def below(self, url: str) -> Control:
        """Returns the control API of a session, with the same access."""
        return Control(url, self._token, self._tls, self._how_it_ended)

    def request(
        self,
        method: str,
        path: str = "",
        body: Any = None,
        query: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        patience: float = PATIENCE,
    ) -> Any:
        """Sends a request with a JSON body or `content`, and returns the JSON of its answer."""
        values = {name: _text(value) for name, value in (query or {}).items() if value is not None}
        url = self.url + path + (f"?{urllib.parse.urlencode(values)}" if values else "")
        headers = {"Authorization": f"Bearer {self._token}"} if self._token else {}
        if body is not None:
            headers["Content-Type"] = "application/json"
            content = json.dumps(body).encode()
        elif content is not None:
            headers["Content-Type"] = "application/octet-stream"
        request = urllib.request.Request(url, data=content, headers=headers, method=method)
        try:
            with self._opener.open(request, timeout=patience) as answer:
                return json.load(answer)
        except urllib.error.HTTPError as error:
            raise _refusal(error) from None
        except (OSError, http.client.HTTPException) as error:
            text = str(error) or type(error).__name__
            if isinstance(getattr(error, "reason", None), ssl.SSLCertVerificationError):
                text += "; CPK_CA_FILE names the authority to trust"
            how = self._how_it_ended()
            raise CrewPassError(f"{method} {url}: {text}{how and f'; {how}'}") from error
        except ValueError as error:
            raise NotJson(f"{method} {url}: the answer is not JSON: {error}") from error


def segment(text: str) -> str:
    """Returns a text as one segment of a path."""
    return urllib.parse.quote(text, safe="")


def _text(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_loopback(url: str) -> bool:
    """Returns whether a URL names this machine."""
    host = urllib.parse.urlsplit(url).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _refusal(answer: urllib.error.HTTPError) -> ControlError:
    status = answer.code
    try:
        with answer:
            error = json.load(answer)["error"]
        return ControlError(status, str(error["code"]), str(error["message"]))
    except (OSError, ValueError, KeyError, TypeError, http.client.HTTPException):
        return ControlError(status, "", f"the answer is {status}, without an error of the fake")
