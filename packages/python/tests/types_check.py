"""What the types allow and refuse. mypy checks it, and nothing runs it.

An error that is no longer found makes its `type: ignore` one too many, which mypy reports.
"""

import datetime

import crewpass


def use(fake: crewpass.Session, server: crewpass.Server) -> datetime.datetime:
    fake.faults.add(step="link", times=2, status=503)
    fake.faults.add(crewpass.fault(from_="5m", for_="1m", cut={"after": 9}), {"status": 500})
    fake.faults.add(stp="link", status=503)  # type: ignore[call-arg]
    crewpass.fault(status=503, tims=2)  # type: ignore[call-arg]
    crewpass.fault(times="2")  # type: ignore[arg-type]
    new = fake.upload(b"", supersedes="doc_1", file_name="a.pdf")
    fake.upload(b"", filename=new)  # type: ignore[call-arg]
    fake.store.down("link", times=2)
    fake.store.down("list")  # type: ignore[arg-type]
    fake.journal(stpe="link")  # type: ignore[call-arg]
    fake.webhooks.add("http://127.0.0.1:9", "whsec_test", events=["crew.status.changed"])
    fake.webhooks.fire("crew.status.changed", alter={"signature": "missing"})
    fake.webhooks.fire("crew.status.changed", alter={"sign": ""})  # type: ignore[arg-type]
    fake.webhooks.alter({"body": "blank"})  # type: ignore[arg-type]
    server.session(clock="2026-06-08T10:00:00Z", journal=5000)
    server.session(clok="2026-06-08T10:00:00Z")  # type: ignore[call-arg]
    crewpass.start(world="fleet.yaml", tls=True, journal=10)
    crewpass.start(wrld="fleet.yaml")  # type: ignore[call-arg]
    return fake.clock.advance("16m")
