import json

import workload
from pipeline import PipelineTest, wait_for

COUNT = 300
BAD_AMOUNT = 777
LARGE_BYTES = 100_000


class Dlq(PipelineTest):
    def test_refused_records_are_listed_shown_and_replayed(self):
        transfers = workload.transfers(seed=21, count=COUNT, wallet_count=50)
        transfers[100] = transfers[100]._replace(amount=float(BAD_AMOUNT))
        large = json.dumps({"tx_id": "large", "src": "x" * LARGE_BYTES}).encode()
        pipeline = self.pipeline(partitions=3)
        pipeline.create()
        pipeline.query_run(f"ALTER TABLE transactions ADD CONSTRAINT test CHECK (amount <> {BAD_AMOUNT})")
        pipeline.processors_start(1)
        pipeline.sink_start()
        pipeline.send_transfers(transfers)
        pipeline.kafka.send(pipeline.topic("transactions"), [("large-key", large)])
        wait_for("all but one", 60, lambda: pipeline.stored() == COUNT - 1)
        wait_for("the errors", 60, lambda: pipeline.value("SELECT count(*) FROM ingestion_errors") == 2)
        self.assert_listed(pipeline, transfers[100])
        self.assert_replayed_to_the_table(pipeline, transfers[100])
        self.assert_replayed_to_its_topic(pipeline, large)

    def assert_listed(self, pipeline, refused):
        listed = pipeline.command("dlq", "list")
        self.assertIn("2 of 2 refused records", listed)
        self.assertIn("violates check constraint", listed)
        line = pipeline.command("dlq", "list", "--reason", "check constraint").splitlines()[0]
        topic, partition, offset = line.split()[0].split(":")
        self.assertEqual(topic, pipeline.topic("transaction-risk"))
        shown = pipeline.command("dlq", "show", f"{topic}:{partition}:{offset}")
        self.assertIn(refused.tx_id, shown)
        self.assertIn(f"key: {refused.src}", shown)
        self.assertIn("no refused record", pipeline.command("dlq", "show", f"{topic}:{partition}:999999", code=1))
        pipeline.command("dlq", "show", "nonsense", code=2)

    def assert_replayed_to_the_table(self, pipeline, refused):
        pipeline.query_run("ALTER TABLE transactions DROP CONSTRAINT test")
        told = pipeline.command("dlq", "replay", "--every", "--reason", "check constraint")
        self.assertIn("1 of 1 refused records replayed", told)
        wait_for("the refused transfer", 60, lambda: pipeline.stored() == COUNT)
        self.assertEqual(pipeline.value("SELECT amount FROM transactions WHERE tx_id = %s", refused.tx_id), BAD_AMOUNT)
        self.assertIn("0 of 0", pipeline.command("dlq", "replay", "--every", "--reason", "check constraint"))
        self.assertIn("replayed", pipeline.command("dlq", "list", "--reason", "check constraint"))

    def assert_replayed_to_its_topic(self, pipeline, large):
        """What Postgres keeps of it is not all: the rest comes from Kafka."""
        pipeline.command("dlq", "replay", "--every")
        copies = [record for record in pipeline.kafka.read(pipeline.topic("transactions")) if record.key == b"large-key"]
        self.assertEqual([record.value for record in copies], [large, large])
        wait_for("it to be refused again", 60, lambda: pipeline.value("SELECT count(*) FROM ingestion_errors") == 3)
