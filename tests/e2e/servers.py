"""One Kafka and one Postgres for the whole run, started when a test first needs them."""
import pathlib
import shutil
import subprocess
import tempfile

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT_LIMIT_S = 120


def script(*arguments):
    ended = subprocess.run([str(a) for a in arguments], cwd=ROOT, text=True, timeout=SCRIPT_LIMIT_S,
                           stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if ended.returncode:
        raise RuntimeError(f"{' '.join(str(a) for a in arguments)}: exit code {ended.returncode}\n{ended.stderr}")
    return ended.stdout.strip()


class Servers:
    def __init__(self):
        self._dir = None
        self._kafka = None
        self._postgres = None

    @property
    def dir(self):
        if not self._dir:
            self._dir = pathlib.Path(tempfile.mkdtemp(prefix="amlstream-e2e-"))
            # The Postgres server's user must get in.
            self._dir.chmod(0o755)
        return self._dir

    @property
    def kafka(self):
        """host:port"""
        if not self._kafka:
            self._kafka = script("scripts/kafka", "start", self.dir / "kafka")
        return self._kafka

    @property
    def postgres(self):
        """URL of a database that no test uses."""
        if not self._postgres:
            self._postgres = script("scripts/postgres", "start", self.dir / "postgres")
        return self._postgres

    def kafka_stop(self):
        script("scripts/kafka", "stop", self.dir / "kafka")

    def kafka_start(self):
        """On the port it had, with the data it had."""
        started = script("scripts/kafka", "start", self.dir / "kafka")
        assert started == self.kafka, f"{started} in place of {self.kafka}"

    def postgres_stop(self):
        script("scripts/postgres", "stop", self.dir / "postgres")

    def postgres_start(self):
        """As kafka_start."""
        started = script("scripts/postgres", "start", self.dir / "postgres")
        assert started == self.postgres, f"{started} in place of {self.postgres}"

    def database_new(self, name):
        """The new database's URL."""
        connection = psycopg2.connect(self.postgres)
        try:
            connection.autocommit = True
            with connection.cursor() as cursor:
                cursor.execute(f'CREATE DATABASE "{name}"')
        finally:
            connection.close()
        return self.postgres.rsplit("/", 1)[0] + "/" + name

    def close(self):
        if not self._dir:
            return
        for name in ("kafka", "postgres"):
            if (self._dir / name).exists():
                script(f"scripts/{name}", "clean", self._dir / name)
        shutil.rmtree(self._dir, ignore_errors=True)
        self._dir = self._kafka = self._postgres = None


servers = Servers()
