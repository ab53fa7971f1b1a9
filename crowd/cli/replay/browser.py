"""A browser as small as replay needs: cookies, forms, redirects, one kept connection."""

from __future__ import annotations

import http.client
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass
class Form:
    """A form of a page: where it is sent, and the values that its fields hold."""

    action: str
    values: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Page:
    """What came back: status, address, text, and the forms in it."""

    status: int
    path: str
    text: str

    @property
    def forms(self) -> list[Form]:
        """Every form of the page, in order."""
        reader = _FormReader()
        reader.feed(self.text)
        return reader.forms

    def form(self, ending: str) -> Form | None:
        """The form whose action ends so."""
        return next((form for form in self.forms if urlsplit(form.action).path.endswith(ending)), None)


class _FormReader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.forms: list[Form] = []
        self.is_open = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        known = dict(attrs)
        if tag == "form":
            self.forms.append(Form(known.get("action") or ""))
            self.is_open = True
        elif tag == "input" and self.is_open and known.get("name"):
            self.forms[-1].values[str(known["name"])] = known.get("value") or ""

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self.is_open = False


class Browser:
    """One person's browser. Not for several threads at once."""

    def __init__(self, base_url: str, timeout: float = 60.0) -> None:
        parts = urlsplit(base_url)
        self.netloc, self.is_https, self.timeout = parts.netloc, parts.scheme == "https", timeout
        self.cookies: dict[str, str] = {}
        self.connection: http.client.HTTPConnection | None = None

    def get(self, path: str) -> Page:
        """Open a page, following redirects."""
        return self._follow("GET", path, None)

    def send(self, form: Form, *, is_fragment: bool = False, **values: str) -> Page:
        """Send a form with some of its values changed."""
        return self._follow("POST", form.action, urlencode(form.values | values), is_fragment=is_fragment)

    def twin(self) -> Browser:
        """Another window of the same person: the same cookies, a connection of its own."""
        scheme = "https" if self.is_https else "http"
        other = Browser(f"{scheme}://{self.netloc}", self.timeout)
        other.cookies = dict(self.cookies)
        return other

    def close(self) -> None:
        """Hang up; the cookies stay."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None

    def _follow(self, method: str, path: str, body: str | None, *, is_fragment: bool = False) -> Page:
        for _ in range(6):
            status, headers, text = self._request(method, path, body, is_fragment=is_fragment)
            target = headers.get("location") or headers.get("hx-redirect")
            if target is None or (status not in {301, 302, 303, 307} and "hx-redirect" not in headers):
                return Page(status, path, text)
            step = urlsplit(urljoin(path, target))
            path = step.path + (f"?{step.query}" if step.query else "")
            method, body, is_fragment = "GET", None, False
        raise ConnectionError(f"{path} redirects without end")

    def _request(
        self, method: str, path: str, body: str | None, *, is_fragment: bool
    ) -> tuple[int, dict[str, str], str]:
        headers = {"Host": self.netloc}
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        if is_fragment:
            headers["HX-Request"] = "true"
        connection = self._connected()
        try:
            connection.request(method, path, body, headers)
            response = connection.getresponse()
            text = response.read().decode("utf-8", "replace")
        except (http.client.HTTPException, OSError):
            self.close()
            raise
        self._keep_cookies(response)
        return response.status, {name.lower(): value for name, value in response.getheaders()}, text

    def _connected(self) -> http.client.HTTPConnection:
        if self.connection is None:
            kind = http.client.HTTPSConnection if self.is_https else http.client.HTTPConnection
            self.connection = kind(self.netloc, timeout=self.timeout)
        return self.connection

    def _keep_cookies(self, response: http.client.HTTPResponse) -> None:
        for header in response.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(header).items():
                if morsel.value and morsel["max-age"] != "0":
                    self.cookies[name] = morsel.value
                else:
                    self.cookies.pop(name, None)
