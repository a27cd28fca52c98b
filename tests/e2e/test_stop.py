import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for

WALLETS = 800


class Stop(PipelineTest):
    def test_a_clean_stop_goes_on_where_it_was(self):
        transfers = workload.transfers(seed=6, count=20_000, wallet_count=WALLETS)
        pipeline = self.pipeline()
        pipeline.create()
        pipeline.processors_start(1)
        pipeline.sink_start()
        pipeline.api_start()
        pipeline.send_transfers(transfers[:10_000])
        wait_for("the first scores", 30, lambda: pipeline.progress() > 1000, interval_s=0.02)
        pipeline.stop(*pipeline.processors, pipeline.sink, pipeline.api)
        pipeline.processors.clear()

        pipeline.processors_start(1)
        # All was flushed at the stop: nothing is left to be read again.
        self.assertLess(pipeline.processors[0].restored(), 100)
        pipeline.sink_start()
        pipeline.api_start()
        pipeline.send_transfers(transfers[10_000:])
        compare.assert_postgres_holds(pipeline, pipeline.finish(), Oracle(transfers))
        pipeline.stop(pipeline.sink, pipeline.api)
