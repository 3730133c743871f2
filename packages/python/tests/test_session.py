"""The handles of a session, each against the program of the wheel."""

import datetime
import json

import client
import pytest

import crewpass as package


def test_the_usual_key_lists_the_documents_of_the_usual_person(crewpass):
    status, listed = client.documents(crewpass)
    assert (status, len(listed["items"])) == (200, 6)
    assert crewpass.env == {"BASE": crewpass.base, "CPK_KEY": crewpass.key, "CREW_ID": "crew_001"}


def test_each_key_is_what_its_name_says(crewpass):
    assert client.documents(crewpass, crewpass.keys["revoked"])[0] == 401
    assert client.documents(crewpass, crewpass.keys["no_read"])[1]["error"]["code"] == (
        "scope_not_granted"
    )


@pytest.mark.crewpass(clock="2026-06-08T10:00:00Z")
def test_a_link_dies_with_the_clock(crewpass):
    _, link = client.link(crewpass)
    assert client.get(link["download_url"])[0] == 200
    assert crewpass.clock.advance("16m") == datetime.datetime(
        2026, 6, 8, 10, 16, tzinfo=datetime.timezone.utc
    )
    assert client.get(link["download_url"])[0] == 404
    assert [entry["clause"]["id"] for entry in crewpass.journal(step="file", status=404)] == [
        "link-alive"
    ]


def test_the_clock_takes_times_and_durations_of_python(crewpass):
    noon = datetime.datetime(2026, 6, 8, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=2)))
    assert crewpass.clock.freeze(noon).isoformat() == "2026-06-08T10:00:00+00:00"
    crewpass.clock.advance(datetime.timedelta(minutes=-90))
    assert crewpass.clock.now.isoformat() == "2026-06-08T08:30:00+00:00"
    assert crewpass.clock.set("2026-06-08T09:00:00Z").hour == 9
    assert crewpass.clock.run() >= crewpass.clock.set("2026-06-08T08:00:00Z")


def test_the_store_is_down_for_one_document_or_some_requests(crewpass):
    crewpass.store.down("link", times=1)
    assert crewpass.store.state == {"link": {"down_for": 1}, "file": "up"}
    assert [client.link(crewpass)[0] for _ in range(2)] == [503, 200]
    crewpass.store.down(document="doc_1")
    assert [client.link(crewpass, document)[0] for document in ("doc_1", "doc_2")] == [503, 200]
    crewpass.store.up(document="doc_1")
    crewpass.store.down()
    crewpass.store.up()
    assert client.link(crewpass)[0] == 200


def test_the_store_refuses_what_would_have_no_effect(crewpass):
    uses = [
        lambda: crewpass.store.down(document="doc_1", times=2),
        lambda: crewpass.store.down("link", document="doc_1"),
        lambda: crewpass.store.up("link", document="doc_1"),
        lambda: crewpass.store.down(crew="crew_001"),
        lambda: crewpass.store.up(crew="crew_001"),
    ]
    for use in uses:
        with pytest.raises(package.CrewPassError, match=r"the store .* has no `"):
            use()
    assert crewpass.store.state == {"link": "up", "file": "up"}


def test_a_fault_fires_as_often_as_it_says(crewpass):
    crewpass.faults.add(name="twice", step="link", times=2, status=503)
    client.link(crewpass)
    with pytest.raises(AssertionError, match=r"`twice` .*fired 1 times of 2"):
        crewpass.faults.verify()
    assert [client.link(crewpass)[0] for _ in range(2)] == [503, 200]
    crewpass.faults.verify()
    assert [(rule["name"], rule["fired"]) for rule in crewpass.faults.counts()] == [("twice", 2)]
    crewpass.faults.remove("twice")
    crewpass.faults.add(package.fault(latency="1ms"), {"then": {"status": 500}})
    assert len(crewpass.faults.counts()) == 2
    crewpass.faults.clear()
    assert crewpass.faults.counts() == []


def test_fields_of_a_rule_go_where_they_belong():
    assert package.fault(name="n", step="file", from_="5m", for_="1m", cut={"after": 9}) == {
        "name": "n",
        "match": {"step": "file"},
        "when": {"from": "5m", "for": "1m"},
        "then": {"cut": {"after": 9}},
    }


def test_a_field_that_no_rule_has_is_refused():
    with pytest.raises(TypeError, match="'tims'; did you mean 'times'"):
        package.fault(step="link", tims=2)


@pytest.mark.crewpass(
    faults=[{"step": "link", "times": 1, "from": "2020-01-01T00:00:00Z", "status": 503}]
)
def test_rules_by_their_fields_are_taken_at_the_start_and_later(crewpass):
    assert [client.link(crewpass)[0] for _ in range(2)] == [503, 200]
    crewpass.faults.add({"step": "link", "status": 500})
    assert client.link(crewpass)[0] == 500


@pytest.mark.crewpass(policies={"dead_link": "410"})
def test_policies_are_set_at_the_start_and_later(crewpass):
    assert crewpass.policies.all()["dead_link"] == "410"
    assert crewpass.policies.set(dead_link="403")["dead_link"] == "403"
    with pytest.raises(package.ControlError, match="`404`, `403`, `410`") as error:
        crewpass.policies.set(dead_link="418")
    assert (error.value.status, error.value.code) == (400, "bad_request")


def test_an_upload_supersedes_and_keeps_its_name(crewpass, tmp_path):
    document = crewpass.upload(b"%PDF-1.4 new", supersedes="doc_1", file_name="../../evil.sh")
    assert client.link(crewpass, "doc_1")[0] == 404
    _, link = client.link(crewpass, document)
    assert link["file_name"] == "../../evil.sh"
    assert client.get(link["download_url"]) == (200, b"%PDF-1.4 new")
    (tmp_path / "new.pdf").write_bytes(b"second")
    crewpass.upload(tmp_path / "new.pdf", type="STCW", title="Radar")
    assert len(client.documents(crewpass)[1]["items"]) == 7


def test_leaks_fail_with_the_request(crewpass):
    client.link(crewpass)
    crewpass.assert_no_leaks()
    client.link(crewpass, extra=f"?key={crewpass.key}")
    with pytest.raises(AssertionError, match="leaks key-in-query") as error:
        crewpass.assert_no_leaks()
    assert crewpass.key not in str(error.value)


@pytest.mark.crewpass(journal=2)
def test_a_journal_that_was_full_proves_nothing(crewpass):
    client.link(crewpass, extra=f"?key={crewpass.key}")
    for _ in range(2):
        client.documents(crewpass)
    assert (len(crewpass.journal()), crewpass.journal().dropped) == (2, 1)
    with pytest.raises(AssertionError, match="1 requests or changes are no longer in the journal"):
        crewpass.assert_no_leaks()


def test_an_open_response_proves_nothing(crewpass, monkeypatch):
    monkeypatch.setattr(package._session, "OPEN_LIMIT", 0.1)
    crewpass.faults.add(step="list", stall=True)
    with client.stalled(crewpass):
        while not crewpass.journal().open:
            pass
        assert crewpass.journal() == []
        with pytest.raises(AssertionError, match="1 request has no end"):
            crewpass.assert_no_leaks()
    # It waits until the fake has seen the end of the connection.
    monkeypatch.setattr(package._session, "OPEN_LIMIT", 60)
    crewpass.assert_no_leaks()
    assert len(crewpass.journal()) == 1


def test_the_journal_holds_requests_and_changes(crewpass, tmp_path):
    client.documents(crewpass)
    crewpass.clock.freeze()
    assert [entry["step"] for entry in crewpass.journal()] == ["list"]
    assert [entry["change"] for entry in crewpass.journal(change="clock")] == ["clock"]
    assert len(crewpass.journal(kind="change")) == 1
    assert crewpass.journal(step="list", wait="1m")
    crewpass.write_har(tmp_path / "a.har")
    har = json.loads((tmp_path / "a.har").read_text())
    assert len(har["log"]["entries"]) == 1
    crewpass.reset()
    assert [entry["change"] for entry in crewpass.journal(change="reset")] == ["reset"]


def test_what_has_no_handle_goes_through_the_control_api(crewpass):
    change = {"consent": {"prt_123": []}}
    crewpass.control().request("POST", f"/crew/{crewpass.crew}", change)
    assert client.documents(crewpass)[1]["error"]["code"] == "scope_not_consented"


@pytest.mark.crewpass(world={"generate": {"crew": 3, "documents": 2, "seed": 7}})
def test_a_generated_world_has_its_own_people(crewpass):
    assert crewpass.contents["crew"] == 3
    assert client.documents(crewpass)[0] == 200


@pytest.mark.crewpass(world={"name": "empty", "partners": [], "crew": [], "vessels": []})
def test_a_world_without_people_says_so_when_asked(crewpass):
    with pytest.raises(package.CrewPassError, match="no crew member"):
        _ = crewpass.crew
    with pytest.raises(package.CrewPassError, match="has no key"):
        _ = crewpass.key


def test_sessions_do_not_see_each_other_and_end(crewpass_server):
    with crewpass_server.session() as one, crewpass_server.session() as two:
        one.store.down()
        assert (client.link(one)[0], client.link(two)[0]) == (503, 200)
        assert two.journal(step="link")
        ids = set(crewpass_server.sessions())
    assert len(ids - set(crewpass_server.sessions())) == 2
    assert client.documents(one)[0] == 401
    one.close()
