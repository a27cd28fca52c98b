import concurrent.futures

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for

WALLETS = 3000
RATE = 10_000


class ExactlyOnce(PipelineTest):
    def test_a_killed_processor_loses_and_repeats_nothing_of_100000_transfers(self):
        transfers = workload.transfers(seed=1, count=100_000, wallet_count=WALLETS)
        labels = workload.labels(seed=1, count=24, wallet_count=WALLETS)
        oracle = Oracle(transfers)
        pipeline = self.pipeline(partitions=12, flush_interval_ms=1000)
        pipeline.create()
        pipeline.send_labels(labels)
        pipeline.processors_start(3)
        pipeline.sink_start()
        pipeline.await_scored()

        with pipeline.sending(transfers[:75_000], RATE) as sent:
            wait_for("the first scores", 60, lambda: pipeline.progress() > 20_000, interval_s=0.02)
            pipeline.processor_kill(pipeline.processors[1])
            self.assertFalse(sent.done(), "it was not killed midway")
            pipeline.await_tasks()
        pipeline.processor_start(2)
        pipeline.send_transfers(transfers[75_000:])
        pipeline.await_scored()
        pipeline.await_tasks()

        self.assert_live(pipeline, oracle, labels)
        compare.assert_postgres_holds(pipeline, pipeline.finish(), oracle, labels)

    def assert_live(self, pipeline, oracle, labels):
        """The stores, as the instances show them."""
        expected = oracle.wallets(labels)
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            live = dict(zip(expected, pool.map(pipeline.live, expected)))
        actual = {name: record and compare.wallet_of_record(record) for name, record in live.items()}
        compare.assert_same(expected, actual, "live state")
