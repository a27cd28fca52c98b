#!/usr/bin/env python3
"""End-to-end tests of the release build, on a real Kafka and a real Postgres of their own.

usage: run.py [FILTER]     only tests whose name holds FILTER; last line "N passed, N failed"
Logs: build/test/e2e/<test>/
"""
import pathlib
import signal
import sys
import time
import unittest

sys.dont_write_bytecode = True

from pipeline import kill_all, log_tail
from servers import servers


class Result(unittest.TextTestResult):
    """Says how long each test took, and shows the ends of its logs where it failed."""

    def startTest(self, test):
        self._began = time.monotonic()
        super().startTest(test)

    def addSuccess(self, test):
        unittest.TestResult.addSuccess(self, test)
        self.stream.writeln(f"ok ({time.monotonic() - self._began:.1f} s)")
        self.stream.flush()

    def addError(self, test, err):
        super().addError(test, err)
        self._show(test, self.errors[-1][1])

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self._show(test, self.failures[-1][1])

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            shown = self.failures if issubclass(err[0], test.failureException) else self.errors
            self._show(test, f"{subtest.id()}\n{shown[-1][1]}", logs=False)

    def _show(self, test, text, logs=True):
        self.stream.writeln(f"after {time.monotonic() - self._began:.1f} s:\n{text}")
        for directory in getattr(test, "log_dirs", []) if logs else []:
            for log in sorted(directory.glob("*.log")):
                self.stream.writeln(f"  {log}:")
                self.stream.write(log_tail(log, 10))
        self.stream.flush()

    def printErrors(self):
        """They have been shown."""


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    signal.signal(signal.SIGTERM, interrupted)
    loader = unittest.TestLoader()
    if len(sys.argv) > 1:
        loader.testNamePatterns = [f"*{sys.argv[1]}*"]
    here = str(pathlib.Path(__file__).resolve().parent)
    try:
        result = unittest.TextTestRunner(verbosity=2, stream=sys.stdout, resultclass=Result).run(loader.discover(here))
    finally:
        kill_all()
        servers.close()
    bad = len({getattr(test, "test_case", test) for test, _ in result.failures + result.errors})
    print(f"{max(0, result.testsRun - bad)} passed, {bad} failed", flush=True)
    return 1 if bad or not (result.testsRun or len(sys.argv) > 1) else 0


if __name__ == "__main__":
    sys.exit(main())
