"""Leaves a daemon behind: forked twice, in a session of its own, away from the folder."""
import os
import signal

away, left = os.pipe()
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.chdir("/")
        os.close(left)
        # Should nobody end it, it ends by itself.
        signal.alarm(600)
        signal.pause()
    os._exit(0)
os.close(left)
os.wait()
# The daemon has left when nobody holds the other end any more.
os.read(away, 1)
