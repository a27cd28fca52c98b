"""Commands: scoring runs over several instances, one of which dies meanwhile, and reloads of the rules."""

import json
import unittest

import workload
from pipeline import PipelineTest, wait_for

RULES = {"categories": {"*": {"weight": 1, "service": False}}, "levels": {"medium": 5, "high": 10, "critical": 90}}


class ScoringRuns(PipelineTest):
    def started(self):
        transfers = workload.transfers(seed=11, count=20_000, wallet_count=3_000)
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2)
        pipeline.send_labels({transfers[i].src: category for i, category in enumerate(("scam", "mixer", "theft"))})
        pipeline.send_transfers(transfers)
        pipeline.await_scored()
        return pipeline, {wallet for transfer in transfers for wallet in (transfer.src, transfer.dst)}

    def in_force(self, pipeline):
        return {process.answers("/ready").body["rules_version"] for process in pipeline.processors}

    def show(self, pipeline, run):
        return json.loads(pipeline.command("runs", "show", run, "--json", "--limit", "1000000").splitlines()[-1])

    def test_a_run_scores_every_wallet_once_though_an_instance_dies(self):
        pipeline, wallets = self.started()
        rules = pipeline.dir / "rules.json"
        rules.write_text(json.dumps(RULES, indent=1))
        scores_before = sum(pipeline.kafka.ends(pipeline.topic("risk-scores")))
        strict = pipeline.command("runs", "start", "--rules", str(rules)).split()[-1]
        pipeline.processor_kill(pipeline.processors[0])
        pipeline.processor_start(1, ready=False)
        plain = pipeline.command("runs", "start", "--wait").split()[0]
        wait_for("the end of the run", 60, lambda: self.show(pipeline, strict)["run"]["state"] == "finished")
        for run in strict, plain:
            shown = self.show(pipeline, run)
            self.assertEqual({score["wallet"] for score in shown["top"]}, wallets)
            self.assertEqual(shown["run"]["wallets"], len(wallets))
            self.assertEqual(sum(shown["run"]["summary"].values()), len(wallets))
        records = [record for record in pipeline.kafka.read_json(pipeline.topic("scoring-runs")) if "wallet" in record]
        self.assertEqual(len(records), 2 * len(wallets))
        diff = json.loads(pipeline.command("runs", "diff", plain, strict, "--json").splitlines()[-1])["diff"]
        self.assertEqual(diff["wallets"], len(wallets))
        self.assertGreater(diff["rose"], 0)
        live = {record["wallet"]: record["score"] for record in pipeline.kafka.read_json(pipeline.topic("risk-scores"))}
        self.assertEqual({score["wallet"]: score["score"] for score in self.show(pipeline, plain)["top"]}, live)
        self.assertEqual(sum(pipeline.kafka.ends(pipeline.topic("risk-scores"))), scores_before)

    def test_rules_are_reloaded_everywhere_and_outlive_a_restart(self):
        pipeline, wallets = self.started()
        bad = '{"command": "reload", "rules": {"levels":\n {"high": 101}}}'
        pipeline.kafka.send(pipeline.topic("risk-control"), [("bad", bad.encode())])
        pipeline.await_scored()
        (letter,) = pipeline.kafka.read(pipeline.topic("transactions-dlq"))
        self.assertIn("line 2: levels.high", letter.headers["error"].decode())
        version = pipeline.command("rules", "reload", "preset:strict").split()[2]
        pipeline.await_scored()
        wait_for("the rules in every task", 20, lambda: self.in_force(pipeline) == {version})
        pipeline.processors_stop()
        pipeline.processors_start(2)
        wait_for("the same rules after a restart", 20, lambda: self.in_force(pipeline) == {version})
        transfers = workload.transfers(seed=12, count=500, wallet_count=100)
        pipeline.send_transfers(transfers)
        pipeline.await_scored()
        used = {transfer["tx_id"]: transfer["rules_version"] for transfer in pipeline.outputs().transfers}
        self.assertEqual({used.get(transfer.tx_id) for transfer in transfers}, {version})


if __name__ == "__main__":
    unittest.main()
