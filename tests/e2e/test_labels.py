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
        # One that makes a wallet a service does not take back what has gone through it.
        labels = {wallet: category for wallet, category in workload.labels(10, count=16, wallet_count=4000).items()
                  if category not in SERVICES}
        self.assertGreater(len(labels), 8)
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2)
        pipeline.send_transfers(transfers)
        pipeline.await_scored()
        pipeline.send_labels(labels)
        compare.assert_outputs_hold(pipeline.finish(), Oracle(transfers), labels)

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
