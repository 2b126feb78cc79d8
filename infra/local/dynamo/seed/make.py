"""Writes seed.sqlite.gz: the empty database that this dynoxide makes, with what stream.sql adds.

Usage: make.py <dynoxide> <seed.sqlite.gz>
"""

import gzip
import pathlib
import shutil
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time

program, target = sys.argv[1:]
additions = pathlib.Path(__file__).with_name("stream.sql").read_text()

with tempfile.TemporaryDirectory() as folder:
    file = pathlib.Path(folder, "seed.sqlite")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    engine = subprocess.Popen([program, "serve", "-p", str(port), "--db-path", str(file)])
    try:
        for _ in range(100):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        else:
            sys.exit("dynoxide does not listen")
    finally:
        engine.terminate()
        engine.wait()
    database = sqlite3.connect(file)
    database.executescript(additions)
    # Without this the file beside it that a write-ahead log needs would have to be kept, too.
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.execute("VACUUM")
    database.close()
    with open(file, "rb") as source, open(target, "wb") as out:
        # No name and no time: the same database is the same file.
        with gzip.GzipFile("", "wb", 9, out, mtime=0) as packed:
            shutil.copyfileobj(source, packed)
