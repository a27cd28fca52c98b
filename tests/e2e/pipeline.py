"""A pipeline of its own for a test: topics, a database, and the processes as children."""
import collections
import concurrent.futures
import contextlib
import http.client
import json
import os
import shutil
import signal
import socket
import subprocess
import time
import unittest

import psycopg2

from kafka import Kafka
from servers import ROOT, servers
import workload

BINARY = ROOT / "build/release/amlstream"
LOGS = ROOT / "build/test/e2e"
COMMAND_LIMIT_S = 60
READY_LIMIT_S = 60
STOP_LIMIT_S = 10  # that the program promises
HTTP_LIMIT_S = 10
INPUTS = ("transactions", "risk-labels", "asset-prices", "amlstream-wallet-events")

Answer = collections.namedtuple("Answer", "status headers body")
# `scores` is {wallet: [its risk-scores records in their order]}; `letters` are as Kafka has them.
Outputs = collections.namedtuple("Outputs", "transfers alerts letters scores")


def wait_for(what, limit_s, condition, interval_s=0.1):
    """The condition's first true value."""
    deadline = time.monotonic() + limit_s
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {limit_s} s")
        time.sleep(interval_s)


def port_free():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Process:
    """One of ours, as a child. Its log has the text of all its starts."""

    running = []

    def __init__(self, name, arguments, environment, log):
        self.name = name
        self.log = log
        self.port = port_free()
        with open(log, "ab") as output:
            self._log_begin = output.tell()
            self._child = subprocess.Popen(
                [str(BINARY), *arguments], cwd=log.parent, stdin=subprocess.DEVNULL, stdout=output, stderr=output,
                env={**environment, "AMLSTREAM_HTTP_LISTEN": f"127.0.0.1:{self.port}"})
        Process.running.append(self)

    @property
    def pid(self):
        return self._child.pid

    def is_alive(self):
        return self._child.poll() is None

    def wait(self, limit_s):
        """The exit code."""
        try:
            code = self._child.wait(limit_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} did not end within {limit_s} s") from None
        if self in Process.running:
            Process.running.remove(self)
        return code

    def terminate(self):
        self._child.send_signal(signal.SIGTERM)

    def kill(self):
        self._child.kill()
        self.wait(STOP_LIMIT_S)

    def get(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=HTTP_LIMIT_S)
        try:
            connection.request("GET", path)
            response = connection.getresponse()
            text = response.read()
            is_json = "json" in response.headers.get("Content-Type", "")
            return Answer(response.status, response.headers, json.loads(text) if is_json else text.decode())
        finally:
            connection.close()

    def answers(self, path, status=200):
        """The answer, or None where it is another or none at all."""
        if not self.is_alive():
            raise AssertionError(f"{self.name} ended with exit code {self._child.returncode}:\n{log_tail(self.log)}")
        try:
            answer = self.get(path)
        except (OSError, http.client.HTTPException):
            return None
        return answer if answer.status == status else None

    def said(self, message):
        """The log lines with this message since its start."""
        with open(self.log, "rb") as log:
            log.seek(self._log_begin)
            lines = [json.loads(line) for line in log if line.startswith(b"{") and line.endswith(b"\n")]
        return [line for line in lines if line["message"] == message]

    def restored(self):
        """Changelog records that its tasks loaded before they ran."""
        return sum(line["restored"] for line in self.said("task runs"))

    def metric(self, name):
        """The sum over the metric's labels."""
        values = [float(line.rsplit(" ", 1)[1]) for line in self.get("/metrics").body.splitlines()
                  if line.startswith((name + " ", name + "{"))]
        if not values:
            raise AssertionError(f"{self.name} has no metric {name}")
        return sum(values)


def kill_all():
    """What an interrupted test left."""
    for process in list(Process.running):
        process.kill()


def log_tail(path, lines=25):
    if not path.exists():
        return ""
    return "".join(f"    {line[:400]}\n" for line in path.read_text(errors="replace").splitlines()[-lines:])


class Pipeline:
    def __init__(self, name, directory, partitions=6, **settings):
        self.name = name
        self.dir = directory
        self.partitions = partitions
        self.kafka = Kafka(servers.kafka)
        self.processors = []
        self.sink = self.api = None
        self._database = None
        self.environment = {key: value for key, value in os.environ.items() if not key.startswith("AMLSTREAM_")}
        self.environment |= {"KAFKA_BOOTSTRAP_SERVERS": servers.kafka, "DATABASE_URL": "", "AMLSTREAM_GROUP": name,
                             "AMLSTREAM_TOPIC_PREFIX": name + ".", "AMLSTREAM_PARTITIONS": str(partitions),
                             "AMLSTREAM_SESSION_TIMEOUT_MS": "3000"}
        self.environment |= {f"AMLSTREAM_{key.upper()}": str(value) for key, value in settings.items()}

    def topic(self, name):
        return f"{self.name}.{name}"

    # --- processes

    def command(self, *arguments, code=0, limit_s=COMMAND_LIMIT_S):
        """Runs a command that ends by itself; returns what it wrote."""
        with open(self.dir / f"{arguments[0]}.log", "ab") as log:
            ended = subprocess.run([str(BINARY), *arguments], cwd=self.dir, env=self.environment, timeout=limit_s,
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
            log.write(ended.stdout)
        text = ended.stdout.decode(errors="replace")
        if ended.returncode != code:
            raise AssertionError(f"amlstream {' '.join(arguments)}: exit code {ended.returncode}, not {code}\n{text}")
        return text

    def create(self, database=True):
        """Topics and, where it is wanted, a database with its tables."""
        self.command("topics", "create")
        if database:
            self._database = servers.database_new(self.name)
            self.environment["DATABASE_URL"] = self._database
            self.command("migrate")

    def _start(self, name, command, **settings):
        environment = self.environment | {f"AMLSTREAM_{key.upper()}": str(value) for key, value in settings.items()}
        return Process(name, [command], environment, self.dir / f"{name}.log")

    def processor_start(self, number=1, ready=True, **settings):
        """The instance of this number has its own state directory, where it finds what it left."""
        process = self._start(f"processor-{number}", "processor", state_dir=self.dir / f"state-{number}", **settings)
        self.processors.append(process)
        if ready:
            wait_for(f"the start of {process.name}", READY_LIMIT_S, lambda: process.answers("/ready"))
        return process

    def processors_start(self, count, **settings):
        for number in range(1, count + 1):
            self.processor_start(number, ready=False, **settings)
        self.await_tasks()

    def await_tasks(self):
        """Every partition has a running task."""
        def tasks():
            answers = [process.answers("/ready") for process in self.processors]
            return all(answers) and sum(answer.body["tasks"] for answer in answers) == self.partitions
        wait_for("a running task for each partition", READY_LIMIT_S, tasks)

    def finish(self):
        """Scores what there is, stops the processors, and returns the outputs, where there is a sink when Postgres has
        them too."""
        self.await_scored()
        self.processors_stop()
        outputs = self.outputs()
        if self.sink:
            self.await_sunk(outputs)
        return outputs

    def sink_start(self):
        self.sink = self._start("sink", "sink")
        wait_for("the start of the sink", READY_LIMIT_S, lambda: self.sink.answers("/ready"))
        return self.sink

    def api_start(self):
        self.api = self._start("api", "api")
        wait_for("the start of the API", READY_LIMIT_S, lambda: self.api.answers("/ready"))
        return self.api

    def processor_kill(self, process):
        process.kill()
        self.processors.remove(process)

    def stop(self, *processes):
        """SIGTERM to all at once; each must end in time, with exit code 0."""
        for process in processes:
            process.terminate()
        for process in processes:
            code = process.wait(STOP_LIMIT_S)
            if code:
                raise AssertionError(f"{process.name}: exit code {code} after SIGTERM\n{log_tail(process.log)}")

    def processors_stop(self):
        self.stop(*self.processors)
        self.processors.clear()

    def close(self):
        for process in [*self.processors, self.sink, self.api]:
            if process and process.is_alive():
                process.kill()
        self.kafka.topics_delete(self.name + ".")
        for state in self.dir.glob("state-*"):
            shutil.rmtree(state, ignore_errors=True)

    # --- what goes in

    def send_transfers(self, transfers, key=lambda transfer: transfer.src, rate=None):
        self.kafka.send(self.topic("transactions"),
                        ((key(transfer), workload.transfer_json(transfer)) for transfer in transfers), rate)

    @contextlib.contextmanager
    def sending(self, transfers, rate):
        """Sends them while the body runs, so many a second, and waits for the last."""
        with concurrent.futures.ThreadPoolExecutor() as pool:
            sent = pool.submit(self.send_transfers, transfers, rate=rate)
            yield sent
            sent.result()

    def send_labels(self, labels):
        """{wallet: category}; None withdraws."""
        self.kafka.send(self.topic("risk-labels"),
                        ((wallet, category and workload.label_json(category)) for wallet, category in labels.items()))

    # --- what comes out

    def progress(self):
        """About how many transfers have been scored: revisions and control records count too."""
        return sum(self.kafka.ends(self.topic("transaction-risk")))

    def await_scored(self, limit_s=90):
        """The processors have nothing more to do."""
        def idle():
            for process in self.processors:
                process.answers("/health")  # says so where it has ended
            return all(self.kafka.is_consumed(self.name, self.topic(name)) for name in INPUTS)
        wait_for("the end of scoring", limit_s, idle, interval_s=0.2)

    def outputs(self):
        """What the output topics hold."""
        scores = collections.defaultdict(list)
        for record in self.kafka.read_json(self.topic("risk-scores")):
            scores[record["wallet"]].append(record)
        return Outputs(latest(self.kafka.read_json(self.topic("transaction-risk"))), self.kafka.read_json(self.topic("alerts")),
                       self.kafka.read(self.topic("transactions-dlq")), scores)

    def live(self, wallet):
        """The record that the instance which has the wallet answers with; None where no instance knows it."""
        for process in self.processors:
            answer = process.get("/state/wallets/" + percent_encoded(wallet))
            if answer.status == 200:
                return answer.body
            if answer.status not in (404, 421):
                raise AssertionError(f"{process.name}: {answer}")
        return None

    def query(self, text, *values):
        connection = psycopg2.connect(self._database)
        try:
            with connection.cursor() as cursor:
                cursor.execute(text, values)
                return cursor.fetchall()
        finally:
            connection.close()

    def query_run(self, text):
        connection = psycopg2.connect(self._database)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(text)
        finally:
            connection.close()

    def value(self, text, *values):
        return self.query(text, *values)[0][0]

    def stored(self):
        return self.value("SELECT count(*) FROM transactions")

    def await_sunk(self, outputs, limit_s=90):
        """Postgres has as much as the topics."""
        wanted = (len(outputs.transfers), len(outputs.alerts), len(outputs.letters),
                  sum(records[-1]["version"] for records in outputs.scores.values()),
                  sum(transfer.get("revision", 0) for transfer in outputs.transfers))
        there = None

        def sunk():
            nonlocal there
            if not self.sink.is_alive():
                raise AssertionError(f"the sink has ended:\n{log_tail(self.sink.log)}")
            there = tuple(int(value) for value in self.query(
                "SELECT (SELECT count(*) FROM transactions), (SELECT count(*) FROM alerts),"
                " (SELECT count(*) FROM ingestion_errors), (SELECT coalesce(sum(version), 0) FROM risk_scores),"
                " (SELECT coalesce(sum(revision), 0) FROM transactions)")[0])
            return all(has >= wants for has, wants in zip(there, wanted))
        try:
            wait_for("Postgres", limit_s, sunk, interval_s=0.3)
        except AssertionError:
            raise AssertionError(f"transactions, alerts, errors, sums of versions and revisions after {limit_s} s: "
                                 f"in Postgres {there}, in the topics {wanted}") from None


def latest(transfers):
    """Of each transfer-risk record the one with the highest revision; none may come twice."""
    seen, best = set(), {}
    for transfer in transfers:
        key = transfer["tx_id"], transfer.get("revision", 0)
        if key in seen:
            raise AssertionError(f"transaction-risk has revision {key[1]} of {key[0]} more than once")
        seen.add(key)
        if key[1] >= best.get(key[0], {}).get("revision", 0):
            best[key[0]] = transfer
    return list(best.values())


def percent_encoded(text):
    return "".join(f"%{byte:02X}" for byte in text.encode())


class PipelineTest(unittest.TestCase):
    def pipeline(self, suffix="", **options):
        """With logs in build/test/e2e/<test>/ and names that no other test has."""
        name = self._testMethodName.removeprefix("test_")[:40].replace("_", "-") + (f"-{suffix}" if suffix else "")
        directory = LOGS / name
        shutil.rmtree(directory, ignore_errors=True)
        directory.mkdir(parents=True)
        pipeline = Pipeline(name, directory, **options)
        self.addCleanup(pipeline.close)
        self.log_dirs = getattr(self, "log_dirs", []) + [directory]
        return pipeline
