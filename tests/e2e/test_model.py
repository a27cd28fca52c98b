import json
import os
import shutil
import subprocess
import unittest

import workload
from pipeline import BINARY, LOGS, PipelineTest
from servers import ROOT

TRAIN = ROOT / "scripts/train"
COUNT = 40_000
LIMIT_S = 240
LIBRARY = os.environ.get("AMLSTREAM_LIGHTGBM", "")


def run(*command, directory):
    ended = subprocess.run([str(part) for part in command], cwd=directory, timeout=LIMIT_S, stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if ended.returncode != 0:
        raise AssertionError(f"{command[:3]} ended with {ended.returncode}: {ended.stderr}")
    return ended.stdout


@unittest.skipUnless(LIBRARY, "left out: LightGBM is not there (scripts/train --setup installs it)")
class Model(PipelineTest):
    """From planted transfers to a model, and to scores by it: in a backtest, and on Kafka."""

    @classmethod
    def setUpClass(cls):
        cls.dir = LOGS / "model"
        shutil.rmtree(cls.dir, ignore_errors=True)
        cls.dir.mkdir(parents=True)
        run(BINARY, "simulate", "--rate", 0, "--count", COUNT, "--seed", 5, "--wallets", 3000, "--output", "csv", "--out",
            "transfers.csv", "--truth", "truth.csv", directory=cls.dir)
        run(BINARY, "features", "--input", "transfers.csv", "--out", "features.csv.gz", directory=cls.dir)
        cls.report = run(TRAIN, "features.csv.gz", "truth.csv", "model/model.txt", directory=cls.dir)

    def backtest(self, out, *arguments):
        run(BINARY, "backtest", "--input", "transfers.csv", "--out", out, *arguments, directory=self.dir)
        return json.loads(run(BINARY, "evaluate", "--out", out, "--truth", "truth.csv", "--json", directory=self.dir))

    def test_scores_with_a_model_are_better_and_say_why(self):
        by_rules = self.backtest("rules")["ranking"]["last"]["average_precision"]
        by_model = self.backtest("model-out", "--model", "model/model.txt")["ranking"]["last"]["average_precision"]
        self.assertGreater(by_model, by_rules)
        self.assertGreater(by_model, 0.8)
        version = json.loads((self.dir / "model-out/summary.json").read_text())["model_version"]
        likely = 0
        for line in open(self.dir / "model-out/transaction-risk.jsonl"):
            record = json.loads(line)
            self.assertEqual(record["model_version"], version)
            for reason in record["reasons"]:
                evidence = reason["evidence"]
                if reason["code"] != "model" or evidence["probability"] < 0.5:
                    continue
                likely += 1
                self.assertGreaterEqual(len(evidence["features"]), 1)
        self.assertGreater(likely, COUNT // 500)

    def test_training_again_gives_the_same_model(self):
        self.assertIn("test", self.report)
        run(TRAIN, "features.csv.gz", "truth.csv", "again.txt", directory=self.dir)
        self.assertEqual((self.dir / "again.txt").read_bytes(), (self.dir / "model/model.txt").read_bytes())

    def test_processors_score_with_it(self):
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2, model=self.dir / "model/model.txt", threads=2)
        pipeline.send_transfers(workload.transfers(seed=3, count=2000, wallet_count=300))
        pipeline.await_scored()
        transfers = pipeline.outputs().transfers
        versions = {transfer["model_version"] for transfer in transfers}
        self.assertEqual(len(versions), 1)
        self.assertTrue(any(reason["code"] == "model" for transfer in transfers for reason in transfer["reasons"]))
