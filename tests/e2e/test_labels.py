import json

import compare
import workload
from oracle import SERVICES, Oracle
from pipeline import PipelineTest, wait_for

CHECKSUMMED = "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"
NORMAL = CHECKSUMMED.lower()


class Labels(PipelineTest):
    def test_labels_that_arrive_after_the_transfers_count_downstream(self):
        transfers = workload.transfers(seed=10, count=5000, wallet_count=4000, skew=1.5)
        labels = workload.labels(10, count=16, wallet_count=4000)
        self.assertGreater(len(SERVICES & set(labels.values())), 1)
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2)
        pipeline.send_transfers(transfers)
        pipeline.await_scored()
        pipeline.send_labels(labels)
        compare.assert_outputs_hold(pipeline.finish(), Oracle(transfers), labels)

    def test_labels_that_go_are_nobodys_exposure_any_more(self):
        transfers = workload.transfers(seed=11, count=5000, wallet_count=1000, skew=1.5)
        oracle = Oracle(transfers)
        used = list(oracle.wallets())
        labels = {wallet: category for wallet, category in workload.labels(11, count=60, wallet_count=1000).items()
                  if wallet in used}
        before = list(labels)
        changes = dict.fromkeys(before[::3], None) | dict.fromkeys(before[1::6], "exchange")
        self.assertGreater(len(oracle.exposures(labels)), len(labels))
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2)
        pipeline.send_labels(labels)
        pipeline.send_transfers(transfers)
        pipeline.await_scored()
        pipeline.send_labels(changes)
        labels = {wallet: category for wallet, category in (labels | changes).items() if category}
        compare.assert_outputs_hold(pipeline.finish(), oracle, labels)

    def test_a_sanctioned_address_in_checksum_form_hits_a_transfer_in_lower_case(self):
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2)
        listed = pipeline.dir / "ofac.txt"
        listed.write_text(f"# of today\n{CHECKSUMMED}\nother\n")
        command = ("labels", "import", str(listed), "--category", "sanctioned", "--replace-source", "ofac")
        self.assertIn("2 added", pipeline.command(*command))
        self.assertIn("0 added, 0 changed, 2 unchanged", pipeline.command(*command))
        pipeline.send_transfers([workload.Transfer("t1", NORMAL, "victim", 5.0, workload.BEGIN_MS)])
        pipeline.send_transfers([workload.Transfer("t2", CHECKSUMMED, "second", 5.0, workload.BEGIN_MS)])
        pipeline.await_scored()
        for wallet in ("victim", "second"):
            exposure, = pipeline.live(wallet)["exposures"]
            self.assertEqual((exposure["category"], exposure["hops"], exposure["label"]), ("sanctioned", 1, NORMAL))
        source = pipeline.live(CHECKSUMMED)
        self.assertEqual((source["wallet"], source["sent_count"]), (NORMAL, 2))
        self.assertEqual(source["label"]["address"], CHECKSUMMED)

        # The list shrinks.
        listed.write_text("other\n")
        self.assertIn("1 withdrawn", pipeline.command(*command))
        wait_for("the withdrawal", 30, lambda: "label" not in pipeline.live(NORMAL))
        self.assertEqual([json.loads(line)["wallet"]
                          for line in pipeline.command("labels", "export", "--format", "jsonl").splitlines()], ["other"])
