"""Leaves a daemon behind: forked twice, in a session of its own, away from the folder."""
import os
import sys
import time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        time.sleep(600)
    os._exit(0)
os.wait()
time.sleep(0.2)
sys.exit(0)
