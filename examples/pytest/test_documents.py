"""Tests of a client that saves documents. With crewpass and pytest installed, run `pytest`."""
import os
import subprocess
import sys
from pathlib import Path

CLIENT = Path(__file__).parents[1] / "clients/python/crewpass_documents.py"

def save(fake, folder):
    command = [sys.executable, CLIENT, fake.crew, folder / "out"]
    subprocess.run(command, env={**os.environ, **fake.env}, check=True)
    return sorted(path.name for path in (folder / "out").iterdir())

def test_a_dead_link_is_replaced(crewpass, tmp_path):
    crewpass.faults.add(step="link", times=1, expire=True)
    assert len(save(crewpass, tmp_path)) == 6
    assert len(crewpass.journal(step="file", status=404)) == 1

def test_503_twice_is_waited_for(crewpass, tmp_path):
    crewpass.store.down("link", times=2)
    assert len(save(crewpass, tmp_path)) == 6

def test_only_the_new_version_is_saved(crewpass, tmp_path):
    new = crewpass.upload(b"%PDF-1.7 new", supersedes="doc_1")
    saved = save(crewpass, tmp_path)
    assert f"{new}-PST_certificate.pdf" in saved and len(saved) == 6

def test_a_hostile_name_stays_in_the_folder(crewpass, tmp_path):
    crewpass.upload(b"#!/bin/sh", supersedes="doc_1", file_name="../../evil.sh")
    assert len(save(crewpass, tmp_path)) == 6 and os.listdir(tmp_path) == ["out"]
