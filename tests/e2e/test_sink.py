import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for

COUNT = 12_000
RATE = 1000  # slow enough for a killed member's session to end several times


class Sink(PipelineTest):
    def test_a_killed_sink_loses_and_repeats_nothing(self):
        transfers = workload.transfers(seed=12, count=COUNT, wallet_count=1000)
        pipeline = self.pipeline()
        pipeline.create()
        # Threads share the partitions as instances do.
        pipeline.processors_start(1, threads=3)
        pipeline.sink_start()
        with pipeline.sending(transfers, RATE) as sent:
            for least in (1, COUNT // 4, COUNT // 2):
                wait_for("transfers in Postgres", 60, lambda: pipeline.stored() >= least, interval_s=0.02)
                pipeline.sink.kill()
                self.assertFalse(sent.done(), "it was not killed midway")
                pipeline.sink_start()
        compare.assert_postgres_holds(pipeline, pipeline.finish(), Oracle(transfers))
        wait_for("the group's offsets, for lag tools", 10, lambda: pipeline.kafka.is_consumed(
            pipeline.name + "-sink", pipeline.topic("transaction-risk")))
        self.assertGreater(pipeline.sink.metric("amlstream_sink_freshness_seconds_count"), 0)
        self.assertIn("hours of transfers", pipeline.command("maintain"))
        self.assertEqual(pipeline.value("SELECT sum(transfers) FROM transfers_hourly"), COUNT)
        self.assertEqual(pipeline.value("SELECT sum(duplicates) FROM ingestion_state"), 0)

    def test_sinks_share_the_partitions_and_one_that_dies_is_no_loss(self):
        transfers = workload.transfers(seed=13, count=COUNT, wallet_count=1000)
        pipeline = self.pipeline()
        pipeline.create()
        pipeline.processors_start(1)
        sinks = [pipeline.sink_start() for _ in range(3)]
        self.addCleanup(lambda: [sink.kill() for sink in sinks if sink.is_alive()])
        with pipeline.sending(transfers, RATE) as sent:
            wait_for("records at each of them", 60, lambda: all(
                sink.metric("amlstream_sink_records_total") > 0 for sink in sinks))
            sinks[0].kill()
            stored = pipeline.stored()
            wait_for("the others to go on", 30, lambda: pipeline.stored() > stored + COUNT // 10)
            self.assertFalse(sent.done(), "it was not killed midway")
        compare.assert_postgres_holds(pipeline, pipeline.finish(), Oracle(transfers))
        self.assertEqual(pipeline.value("SELECT sum(duplicates) FROM ingestion_state"), 0)
        pipeline.stop(*sinks[1:])
