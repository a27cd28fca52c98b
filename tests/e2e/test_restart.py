import time

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for

WALLETS = 800


class Restart(PipelineTest):
    def test_a_killed_processor_replays_only_the_tail(self):
        transfers = workload.transfers(seed=7, count=20_000, wallet_count=WALLETS)
        pipeline = self.pipeline(flush_interval_ms=500)
        pipeline.create(database=False)
        process = pipeline.processor_start()
        pipeline.send_transfers(transfers)
        pipeline.await_scored()
        time.sleep(2)  # several times the flush interval
        pipeline.processor_kill(process)
        process = pipeline.processor_start()
        pipeline.await_tasks()
        self.assertLess(process.restored(), 100)
        compare.assert_outputs_hold(pipeline.finish(), Oracle(transfers))

    def test_a_lost_state_directory_comes_back_from_the_changelog(self):
        transfers = workload.transfers(seed=8, count=10_000, wallet_count=WALLETS)
        labels = workload.labels(seed=8, count=8, wallet_count=WALLETS)
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.send_labels(labels)
        pipeline.processor_start()
        pipeline.await_scored()
        pipeline.send_transfers(transfers[:5000])
        pipeline.await_scored()
        pipeline.processors_stop()
        process = pipeline.processor_start(number=2)
        pipeline.await_tasks()
        self.assertGreater(process.restored(), WALLETS)
        # What was seen before is known too.
        pipeline.send_transfers(transfers)
        compare.assert_outputs_hold(pipeline.finish(), Oracle(transfers), labels)

    def test_a_stop_right_after_the_start_is_a_clean_one(self):
        transfers = workload.transfers(seed=9, count=20_000, wallet_count=WALLETS)
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processor_start()
        pipeline.send_transfers(transfers[:10_000])
        pipeline.await_scored()
        pipeline.processors_stop()
        pipeline.send_transfers(transfers[10_000:])
        # In a new state directory, so that there is all to restore; stopped before that, in it, and after it.
        for number, wait_s in enumerate((0, 0.1, 0.3, 0.6, 1.0), start=2):
            process = pipeline.processor_start(number, ready=False)
            wait_for("its log", 10, lambda: process.said("processor runs"), interval_s=0.01)
            time.sleep(wait_s)
            pipeline.processors_stop()
        pipeline.processor_start()
        compare.assert_outputs_hold(pipeline.finish(), Oracle(transfers))
