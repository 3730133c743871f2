"""The servers that tools/bench.py measures, the worlds that the fake serves, and requests to them."""

import contextlib
import http.client
import json
import os
import pathlib
import socket
import subprocess
import time

KEY = "cpk_test_0123456789abcdef0123456789abcdef"
SCOPES = ["crew:documents:read", "crew:documents:download"]
LIST = "/api/v2/employers/me/crew/crew_%07d/documents"
FLEET = "/api/v2/employers/me/fleet?limit=%d"
LINK = LIST + "/doc_%07d_01/download"
ONE, FIFTY, BIG = 1, 2, 3  # Crew members of the world `wire`: one document, fifty, a file of 64 KiB.


class Server:
    """A server process, which prints its address as a line of JSON and ends with the `with` block."""

    def __init__(self, *command):
        """Starts the command; two worker threads, as every other side has."""
        environment = os.environ | {"TOKIO_WORKER_THREADS": "2"}
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, text=True
        )

    def __enter__(self):
        """Waits until the server listens."""
        line = self.process.stdout.readline()
        if not line:
            self.__exit__()
            raise SystemExit(f"bench: {self.process.args[0]} ended before it listened")
        self.port = int(json.loads(line)["base"].rstrip("/").rpartition(":")[2])
        return self

    def __exit__(self, *_):
        """Ends the process."""
        self.process.kill()
        self.process.wait()

    def memory_mib(self, name="VmRSS"):
        """Returns a figure of /proc/PID/status in MiB."""
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith(f"{name}:"):
                return int(line.split()[1]) / 1024
        raise SystemExit(f"bench: no {name} for {self.process.args[0]}")

    def cpu_seconds(self):
        """Returns the CPU time used so far."""
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Nginx(Server):
    """nginx as one process; it can't print its port, so it takes one that was free just before."""

    def __init__(self, folder):
        """Writes the configuration and starts nginx."""
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
        (folder / "nginx.conf").write_text(
            f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/nginx.log; events {{}}\n"
            f"http {{ access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; {temporary}\n"
            f"server {{ listen 127.0.0.1:{self.port}; root {folder}; }} }}\n"
        )
        super().__init__("nginx", "-p", folder, "-c", folder / "nginx.conf")

    def __enter__(self):
        """Waits until nginx accepts a connection."""
        while self.process.poll() is None:
            with contextlib.suppress(ConnectionRefusedError):
                socket.create_connection(("127.0.0.1", self.port)).close()
                return self
            time.sleep(0.01)
        raise SystemExit("bench: nginx ended before it listened")


def document(crew, number, file):
    """Returns a document of a world."""
    return {
        "id": f"doc_{crew:07}_{number:02}", "type": "STCW", "category": "STCW Modules",
        "title": "Personal Survival Techniques", "issuer": "Maritime and Coastguard Agency",
        "verification_status": "verified", "issue_date": "2023-03-14", "expiry_date": "2028-03-13",
        "document_number": f"PST-{crew:07}-{number:02}", "file": file,
    }  # fmt: skip


def member(crew, count, file):
    """Returns a crew member with `count` documents, as JSON."""
    documents = [document(crew, number + 1, file) for number in range(count)]
    consent = {"prt_bench": SCOPES}
    return json.dumps({"id": f"crew_{crew:07}", "vessels": ["ves_bench"], "consent": consent, "documents": documents})


def write_world(folder, crew, file=None, scopes=SCOPES):
    """Writes a world and returns its path: `crew` members, 0 for the world `wire`, or one with a file.

    The partner has the scopes granted.
    """
    pdf = {"generate": "pdf", "name": "x.pdf", "content_type": "application/pdf"}
    if file:
        members = [member(ONE, 1, {"path": file})]
    elif crew == 0:
        members = [member(ONE, 1, pdf), member(FIFTY, 50, pdf), member(BIG, 1, pdf | {"size": 65_536})]
    else:
        first = member(1, 10, pdf)
        members = [first.replace("0000001", f"{number:07}") for number in range(1, crew + 1)]
    keys = [{"name": "full", "key": KEY}]
    partners = json.dumps([{"id": "prt_bench", "granted_scopes": scopes, "keys": keys}])
    vessels = json.dumps([{"id": "ves_bench", "name": "Bench", "partners": ["prt_bench"]}])
    path = folder / f"world-{crew}.json"
    path.write_text(f'{{"partners":{partners},"vessels":{vessels},"crew":[{",".join(members)}]}}')
    return path


def start_fake(program, world, *options):
    """Returns a fake that serves a world on a free port."""
    return Server(program, "serve", "--quiet", "--json", "--bind", "127.0.0.1:0", "--world", world, *options)


def fetch(port, path):
    """Returns status, headers and body of an answer, which has to be 200."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={} if "/files/" in path else {"Authorization": f"Bearer {KEY}"})
    with contextlib.closing(connection), connection.getresponse() as answer:
        body = answer.read()
        if answer.status != 200:
            raise SystemExit(f"bench: {path} was answered with {answer.status}: {body[:300]}")
        own = ("content-length", "date", "connection")
        return answer.status, [pair for pair in answer.getheaders() if pair[0].lower() not in own], body


def file_path(port, crew):
    """Returns the path of a new link to the first document of a crew member."""
    url = json.loads(fetch(port, LINK % (crew, crew))[2])["download_url"]
    return "/" + url.split("://", 1)[1].split("/", 1)[1]


def start_bare(program, kind, folder, path, crew, fake):
    """Returns a bare server of a kind that sends what the fake answers to this path."""
    status, headers, body = fetch(fake.port, path)
    (folder / "answer.json").write_text(json.dumps({"status": status, "headers": headers}))
    (folder / "answer.body").write_bytes(body)
    return Server(program, kind, folder / "answer.json", folder / "answer.body", str(crew or 1))
