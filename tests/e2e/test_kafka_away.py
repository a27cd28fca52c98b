import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for
from servers import servers


class KafkaAway(PipelineTest):
    def test_a_broker_that_restarts_costs_nothing(self):
        transfers = workload.transfers(seed=13, count=20_000, wallet_count=1000)
        pipeline = self.pipeline()
        pipeline.create()
        pipeline.processors_start(2)
        pipeline.sink_start()
        pipeline.send_transfers(transfers[:10_000])
        wait_for("the first scores", 30, lambda: pipeline.progress() > 1000, interval_s=0.02)
        self.addCleanup(servers.kafka_start)
        servers.kafka_stop()
        for process in (*pipeline.processors, pipeline.sink):
            self.assertTrue(process.answers("/health"))
        servers.kafka_start()
        pipeline.send_transfers(transfers[10_000:])
        compare.assert_postgres_holds(pipeline, pipeline.finish(), Oracle(transfers))
