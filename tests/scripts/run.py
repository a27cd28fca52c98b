#!/usr/bin/env python3
"""Tests of ./run and the scripts, with the release build, on servers of their own.

usage: run.py [FILTER]     only tests whose name holds FILTER; last line "N passed, N failed"
"""
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
START_LIMIT_S = 120
STOP_LIMIT_S = 90


def script(*arguments, check=True):
    return subprocess.run([str(a) for a in arguments], cwd=ROOT, check=check, text=True, timeout=START_LIMIT_S,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)


def query(url, text):
    connection = psycopg2.connect(url)
    try:
        with connection, connection.cursor() as cursor:
            cursor.execute(text)
            return cursor.fetchall() if cursor.description else None
    finally:
        connection.close()


def wait_for(what, limit_s, condition):
    """The condition's first true value."""
    deadline = time.monotonic() + limit_s
    while time.monotonic() < deadline:
        value = condition()
        if value:
            return value
        time.sleep(0.2)
    raise AssertionError(f"{what}: not within {limit_s} s")


def process_lives(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/cmdline").read_bytes() != b""
    except OSError:
        return False


class Scratch(unittest.TestCase):
    def setUp(self):
        # Not below /tmp's private mode: the Postgres server's user must get in.
        self.dir = pathlib.Path(tempfile.mkdtemp(prefix="amlstream-scripts-"))
        self.dir.chmod(0o755)
        self.addCleanup(shutil.rmtree, self.dir, ignore_errors=True)


class Servers(Scratch):
    def test_kafka_started_twice_is_one_broker_and_keeps_its_port(self):
        self.addCleanup(script, "scripts/kafka", "clean", self.dir / "kafka")
        first = script("scripts/kafka", "start", self.dir / "kafka").stdout
        self.assertRegex(first, r"^127\.0\.0\.1:\d+\n$")
        pid = (self.dir / "kafka/pid").read_text()
        self.assertEqual(script("scripts/kafka", "start", self.dir / "kafka").stdout, first)
        self.assertEqual((self.dir / "kafka/pid").read_text(), pid)
        script("scripts/kafka", "stop", self.dir / "kafka")
        self.assertFalse(process_lives(pid.strip()))
        self.assertEqual(script("scripts/kafka", "status", self.dir / "kafka", check=False).returncode, 1)
        self.assertEqual(script("scripts/kafka", "start", self.dir / "kafka").stdout, first)

    def test_postgres_killed_and_started_again_has_what_was_committed(self):
        self.addCleanup(script, "scripts/postgres", "clean", self.dir / "postgres")
        url = script("scripts/postgres", "start", self.dir / "postgres").stdout.strip()
        query(url, "CREATE TABLE kept AS SELECT 7 AS n")
        pid = int((self.dir / "postgres/pid").read_text())
        os.kill(pid, signal.SIGKILL)
        wait_for("the end of the killed server", 10, lambda: not process_lives(pid))
        self.assertEqual(script("scripts/postgres", "start", self.dir / "postgres").stdout.strip(), url)
        self.assertEqual(query(url, "SELECT n FROM kept"), [(7,)])

    def test_clean_removes_a_cluster(self):
        script("scripts/postgres", "start", self.dir / "postgres")
        script("scripts/postgres", "clean", self.dir / "postgres")
        self.assertFalse((self.dir / "postgres").exists())

    def test_a_port_that_is_taken_is_said(self):
        self.addCleanup(script, "scripts/postgres", "clean", self.dir / "postgres")
        script("scripts/postgres", "start", self.dir / "postgres")
        port = (self.dir / "postgres/port").read_text().strip()
        other = script("scripts/kafka", "start", self.dir / "kafka", port, check=False)
        self.assertNotEqual(other.returncode, 0)
        self.assertIn(port, other.stderr)


class Run(Scratch):
    """./run in a directory of its own, as a child that signals can be sent to."""

    def setUp(self):
        super().setUp()
        self.environment = {k: v for k, v in os.environ.items() if k not in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")}
        self.environment["AMLSTREAM_RUN_DIR"] = str(self.dir / "run")
        self.output = self.dir / "output"
        self.addCleanup(self.run_once, "--clean", "--yes")

    def run_once(self, *options, limit_s=STOP_LIMIT_S):
        return subprocess.run(["./run", *options], cwd=ROOT, env=self.environment, text=True, timeout=limit_s,
                              stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)

    def start(self, *options):
        with open(self.output, "wb") as output:
            child = subprocess.Popen(["./run", "--yes", "--no-watch", *options], cwd=ROOT, env=self.environment,
                                     stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)

        def end():
            if child.poll() is None:
                child.terminate()
                child.wait(STOP_LIMIT_S)
        self.addCleanup(end)

        def ready():
            self.assertIsNone(child.poll(), self.output.read_text())
            return "Ctrl-C" in self.output.read_text()
        wait_for("the start of ./run", START_LIMIT_S, ready)
        return child

    def pid(self, name):
        return int((self.dir / f"run/{name}.pid").read_text())

    def url(self):
        return script("scripts/postgres", "status", self.dir / "run/postgres").stdout.strip()

    def inserted(self):
        return query(self.url(), "SELECT count(*) FROM transactions")[0][0]

    def top(self):
        port = (self.dir / "run/api.port").read_text().strip()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/scores/top?limit=5", timeout=10) as answer:
            return json.load(answer)

    def assert_nothing_runs(self):
        status = self.run_once("--status")
        self.assertEqual(status.returncode, 1, status.stdout)
        self.assertIn("nothing runs", status.stdout)

    def test_it_scores_stops_cleanly_and_goes_on_where_it_was(self):
        child = self.start("--processors", "2", "--rate", "500")
        wait_for("a score from the API", 60, self.top)
        before = wait_for("transfers in Postgres", 60, lambda: (n := self.inserted()) > 200 and n)
        second = self.run_once("--no-watch")
        self.assertEqual(second.returncode, 1)
        self.assertIn("already runs", second.stdout)
        parts = [self.pid(name) for name in ("simulate", "processor-1", "processor-2", "sink", "api")]
        child.send_signal(signal.SIGINT)
        self.assertEqual(child.wait(STOP_LIMIT_S), 0, self.output.read_text())
        self.assertNotIn("was killed", self.output.read_text())
        self.assertFalse([pid for pid in parts if process_lives(pid)])
        self.assert_nothing_runs()

        child = self.start()
        wait_for("more transfers after the restart", 60, lambda: self.inserted() > before)
        stop = self.run_once("--stop")
        self.assertEqual(stop.returncode, 0, stop.stdout)
        self.assertEqual(child.wait(STOP_LIMIT_S), 0, self.output.read_text())
        self.assert_nothing_runs()

    def test_a_file_is_streamed_whole(self):
        file = self.dir / "transfers.csv"
        rows = [f"t{n},a{n % 7},b{n % 11},{n}.5,2024-05-01T00:00:{n % 60:02}Z" for n in range(300)]
        file.write_text("tx_id,src,dst,amount,timestamp\n" + "\n".join(rows) + "\n")
        self.start("--input", str(file))
        wait_for("the file's 300 transfers in Postgres", 60, lambda: self.inserted() == 300)
        wait_for("the end of the file", 30, lambda: "ingest: done" in self.output.read_text())

    def test_a_part_that_dies_is_named_and_stops_the_rest(self):
        child = self.start()
        os.kill(self.pid("sink"), signal.SIGKILL)
        self.assertEqual(child.wait(STOP_LIMIT_S), 1)
        self.assertRegex(self.output.read_text(), r"sink ended unexpectedly")
        self.assertIn("logs/sink.log", self.output.read_text())
        self.assert_nothing_runs()

    def test_what_a_killed_run_left_is_cleared_by_the_next(self):
        child = self.start()
        left = [self.pid(name) for name in ("simulate", "processor-1", "sink", "api")]
        child.kill()
        child.wait(10)
        self.assertTrue(all(process_lives(pid) for pid in left))
        self.start()
        self.assertFalse([pid for pid in left if process_lives(pid)])

    def test_wrong_options_are_refused(self):
        for options in (["--rate", "fast"], ["--input", "/no/such/file"], ["--colour"], ["--processors"]):
            refused = self.run_once(*options)
            self.assertEqual(refused.returncode, 2, refused.stdout)
            self.assertIn(options[-1], refused.stdout)


def main():
    loader = unittest.TestLoader()
    if len(sys.argv) > 1:
        loader.testNamePatterns = [f"*{sys.argv[1]}*"]
    result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout).run(
        loader.loadTestsFromModule(sys.modules["__main__"]))
    bad = len(result.failures) + len(result.errors)
    print(f"{max(0, result.testsRun - bad)} passed, {bad} failed", flush=True)
    return 1 if bad or not (result.testsRun or len(sys.argv) > 1) else 0


if __name__ == "__main__":
    sys.exit(main())
