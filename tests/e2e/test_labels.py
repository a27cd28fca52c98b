import compare
import workload
from oracle import SERVICES, Oracle
from pipeline import PipelineTest


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
