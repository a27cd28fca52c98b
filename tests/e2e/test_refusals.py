import concurrent.futures

from pipeline import PipelineTest, port_free, wait_for

EXIT_UNAVAILABLE = 3
EXIT_STATE = 4
TOPICS = ("transactions", "risk-labels", "asset-prices", "risk-control", "amlstream-wallet-events",
          "amlstream-state-changelog", "risk-scores", "transaction-risk", "alerts", "transactions-dlq", "scoring-runs")


class Refusals(PipelineTest):
    def test_partition_counts_that_differ_are_refused_by_name(self):
        pipeline = self.pipeline()
        pipeline.kafka.topics_create({pipeline.topic(name): 3 if name == "alerts" else 4 for name in TOPICS})
        process = pipeline.processor_start(ready=False)
        pipeline.processors.clear()
        self.assertEqual(process.wait(30), EXIT_STATE)
        log = process.log.read_text()
        self.assertIn(pipeline.topic("alerts"), log)
        self.assertRegex(log, r"3 partitions.* 4\b")

    def test_missing_topics_are_refused_with_the_remedy(self):
        pipeline = self.pipeline()
        process = pipeline.processor_start(ready=False)
        pipeline.processors.clear()
        self.assertEqual(process.wait(30), EXIT_STATE)
        self.assertIn("topics create", process.log.read_text())

    def test_without_kafka_a_processor_waits_and_a_command_gives_up(self):
        pipeline = self.pipeline()
        address = f"127.0.0.1:{port_free()}"
        pipeline.environment["KAFKA_BOOTSTRAP_SERVERS"] = address
        with concurrent.futures.ThreadPoolExecutor() as pool:
            command = pool.submit(pipeline.command, "topics", "create", code=EXIT_UNAVAILABLE)
            process = pipeline.processor_start(ready=False)
            wait_for("its health", 10, lambda: process.answers("/health"))
            self.assertTrue(process.answers("/ready", status=503))
            pipeline.processors_stop()
            self.assertIn(address, command.result())
