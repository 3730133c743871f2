"""Webhooks, with a receiver of the test."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import crewpass as package


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append((self.headers, body))
        self.send_response(self.server.statuses.pop(0) if self.server.statuses else 204)
        self.end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture
def receiver():
    """A server that keeps what it gets; `statuses` are its next answers."""
    server = HTTPServer(("127.0.0.1", 0), _Receiver)
    server.got, server.statuses = [], []
    server.url = f"http://127.0.0.1:{server.server_port}/hooks"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_an_event_that_is_fired_arrives(crewpass, receiver):
    crewpass.webhooks.add(receiver.url, "whsec_test", events=["crew.status.changed"])
    event = crewpass.webhooks.fire("crew.status.changed", crew="crew_001", copies=2)
    crewpass.webhooks.verify()
    assert [headers["X-CrewPass-Event-Id"] for headers, _ in receiver.got] == [event] * 2
    assert [made["state"] for made in crewpass.webhooks.deliveries()] == ["delivered"] * 2
    (callback,) = crewpass.webhooks.list()["callbacks"]
    assert (callback["url"], callback["events"]) == (receiver.url, ["crew.status.changed"])
    crewpass.webhooks.clear()
    assert crewpass.webhooks.list()["callbacks"] == []


def test_an_event_can_be_wrong_on_purpose(crewpass, receiver):
    crewpass.webhooks.add(receiver.url, "whsec_test")
    crewpass.webhooks.fire("crew.odd", unknown=True, data={"a": 1}, alter={"signature": "missing"})
    crewpass.webhooks.verify()
    crewpass.webhooks.alter({"signature": "empty"}, times=1)
    crewpass.control().request(
        "POST", f"/crew/{crewpass.crew}/documents/doc_1", {"verification_status": "rejected"}
    )
    crewpass.webhooks.verify()
    signatures = [headers.get("X-CrewPass-Signature") for headers, _ in receiver.got]
    assert (signatures[0], signatures.count("")) == (None, 1)


def test_a_delivery_that_failed_is_told_and_sent_again(crewpass, receiver):
    crewpass.webhooks.add(receiver.url, "whsec_test")
    receiver.statuses = [400, 204]
    crewpass.webhooks.fire("crew.status.changed")
    with pytest.raises(AssertionError, match="deliveries that have not arrived"):
        crewpass.webhooks.verify()
    assert crewpass.webhooks.redeliver() == 1
    crewpass.webhooks.verify()
    assert len(receiver.got) == 2


def test_a_delivery_waits_for_the_clock_of_the_session(crewpass, receiver):
    crewpass.clock.freeze()
    crewpass.webhooks.add(receiver.url, "whsec_test")
    receiver.statuses = [503]
    crewpass.webhooks.fire("crew.status.changed")
    with pytest.raises(AssertionError):
        crewpass.webhooks.verify()
    crewpass.clock.advance("30s")
    assert crewpass.journal(change="webhook", since=crewpass.journal(change="webhook")[-1]["seq"])
    while len(receiver.got) < 2:
        pass
    with pytest.raises(package.ControlError, match=r"crew\.odd"):
        crewpass.webhooks.fire("crew.odd")
