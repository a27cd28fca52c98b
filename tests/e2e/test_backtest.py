import gzip
import json
import shutil
import subprocess
import unittest

import compare
import workload
from oracle import Oracle
from pipeline import BINARY, LOGS, latest

COUNT = 20_000
WALLETS = 3000
PARTITIONS = (1, 3, 12)


def lines(path):
    with open(path, "rb") as file:
        return [json.loads(line) for line in file]


class Backtest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.dir = LOGS / "backtest"
        shutil.rmtree(cls.dir, ignore_errors=True)
        cls.dir.mkdir(parents=True)
        cls.transfers = workload.transfers(seed=11, count=COUNT, wallet_count=WALLETS, skew=2)
        cls.labels = workload.labels(seed=11, count=24, wallet_count=WALLETS)
        cls.oracle = Oracle(cls.transfers)
        with gzip.open(cls.dir / "transfers.jsonl.gz", "wb", compresslevel=1) as file:
            file.writelines(workload.transfer_json(transfer) + b"\n" for transfer in cls.transfers)
            file.write(b'{"tx_id":"bad","src":"a","amount":1}\n')
            file.write(workload.transfer_json(cls.transfers[7]) + b"\n")
        (cls.dir / "labels.csv").write_text("wallet,category\n" + "".join(f"{w},{c}\n" for w, c in cls.labels.items()))

    def backtest(self, partitions):
        out = self.dir / f"out-{partitions}"
        ended = subprocess.run([str(BINARY), "backtest", "--input", "transfers.jsonl.gz", "--labels", "labels.csv",
                                "--out", out.name, "--partitions", str(partitions), "--explain",
                                ",".join((*self.labels, "nobody"))], cwd=self.dir, timeout=120,
                               stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        self.assertEqual(ended.returncode, 0, ended.stdout.decode())
        return out

    def assert_explained(self, explanations, scores):
        """By transfers that there are, each hop by those between its two wallets."""
        transfers = {transfer.tx_id: transfer for transfer in self.transfers}
        self.assertEqual([why["wallet"] for why in explanations], list(self.labels))
        for why in explanations:
            self.assertTrue(why["complete"])
            self.assertEqual({**why["state"], "tx_id": None}, {**scores[why["wallet"]], "tx_id": None})
            for hop in (hop for path in why["paths"] for hop in path["path"]):
                self.assertTrue(hop["tx_ids"])
                for tx_id in hop["tx_ids"]:
                    transfer = transfers[tx_id]
                    self.assertEqual((transfer.src, transfer.dst), (hop["from"], hop["to"]))

    def test_any_number_of_partitions_gives_the_same_as_the_stream(self):
        for partitions in PARTITIONS:
            with self.subTest(partitions=partitions):
                out = self.backtest(partitions)
                transfers = latest(lines(out / "transaction-risk.jsonl"))
                compare.assert_same({t.tx_id: (t.src, t.dst, t.amount, t.timestamp_ms) for t in self.transfers},
                                    {t["tx_id"]: (t["src"], t["dst"], t["amount"], compare.milliseconds(t["timestamp"]))
                                     for t in transfers}, "transfers")
                compare.assert_once([alert["alert_id"] for alert in lines(out / "alerts.jsonl")], "alerts")
                scores = lines(out / "risk-scores.jsonl")
                compare.assert_wallets_hold(scores, self.oracle, self.labels)
                self.assert_explained(lines(out / "explain.jsonl"), {score["wallet"]: score for score in scores})
                self.assertEqual(len(lines(out / "dead-letters.jsonl")), 1)
                summary = json.loads((out / "summary.json").read_text())
                told = [summary[name] for name in ("transfers", "duplicates", "dead_letters", "labels")]
                self.assertEqual(told, [COUNT, 1, 1, len(self.labels)])

    def test_the_same_file_gives_the_same_bytes(self):
        names = ("transaction-risk.jsonl", "risk-scores.jsonl", "alerts.jsonl")
        first = [(self.backtest(3) / name).read_bytes() for name in names]
        self.assertEqual([(self.backtest(3) / name).read_bytes() for name in names], first)
