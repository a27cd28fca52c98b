import json

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest

PAYLOAD_BYTES_MAX = 64 * 1024  # that Postgres keeps of a bad record


def record(**changes):
    """A good one, but for the changes; a change to None takes the field out."""
    fields = {"tx_id": "bad", "src": "a", "dst": "b", "amount": 1, "timestamp": 1577836800} | changes
    return json.dumps({name: value for name, value in fields.items() if value is not None}).encode()


def with_amount(text):
    return b'{"tx_id":"bad","src":"a","dst":"b","amount":' + text + b"}"


# Name: (bytes, part of the reason)
BAD = {
    "text": (b"hello", "not JSON"),
    "cut off": (record()[:-5], "not JSON"),
    "empty": (b"", "empty"),
    "null": (None, "empty"),
    "list": (b"[1, 2]", "not a JSON object"),
    "string": (b'"transfer"', "JSON"),
    "no id": (record(tx_id=None), "tx_id"),
    "empty id": (record(tx_id=""), "tx_id"),
    "long id": (record(tx_id="x" * 257), "tx_id"),
    "id of another type": (record(tx_id={"a": 1}), "tx_id"),
    "no sender": (record(src=None), "sender"),
    "null sender": (b'{"tx_id":"bad","src":null,"dst":"b","amount":1}', "sender"),
    "sender of another type": (record(src=["a"]), "src"),
    "no receiver": (record(dst=None), "receiver"),
    "receiver of another type": (record(dst=True), "dst"),
    "two senders": (record(sender="c"), "sender"),
    "no amount": (record(amount=None), "amount"),
    "amount of another type": (record(amount={"value": 1}), "amount"),
    "amount in words": (record(amount="much"), "amount"),
    "negative": (record(amount=-0.01), "amount"),
    "NaN": (with_amount(b"NaN"), "JSON"),
    "NaN as text": (record(amount="NaN"), "amount"),
    "infinity": (record(amount="Infinity"), "amount"),
    "too great": (with_amount(b"1e999"), ""),
    "no time": (record(timestamp="yesterday"), "timestamp"),
    "1 MiB string": (record(src="x" * 1024 * 1024), ""),
    "nested a thousand deep": (with_amount(b"[" * 1000 + b"]" * 1000), "amount"),
    "nested a hundred thousand deep": (b"[" * 100_000, ""),
    "not UTF-8": (b'{"tx_id":"bad","src":"a\xff\xfe","dst":"b","amount":1}', ""),
    "cut-off UTF-8": (b'{"tx_id":"bad","src":"a\xc3","dst":"b","amount":1}', ""),
    "zero byte": (b'{"tx_id":"bad","src":"a\\u0000b","dst":"b","amount":1}', ""),
}


class DeadLetters(PipelineTest):
    def test_bad_records_are_each_told_once_and_harm_nothing(self):
        transfers = workload.transfers(seed=4, count=3000, wallet_count=200)
        pipeline = self.pipeline()
        pipeline.create()
        pipeline.processors_start(2)
        pipeline.sink_start()
        # Good ones before, between and after; one key for all the bad ones of a partition would hide how they mix.
        records = [(transfer.src, workload.transfer_json(transfer)) for transfer in transfers]
        for number, (value, _) in enumerate(BAD.values()):
            records.insert(50 + 90 * number, (f"key-{number}", value))
        pipeline.kafka.send(pipeline.topic("transactions"), records)
        pipeline.await_scored()
        for process in pipeline.processors:
            self.assertTrue(process.is_alive())
        outputs = pipeline.finish()
        compare.assert_postgres_holds(pipeline, outputs, Oracle(transfers))
        self.assert_letters(pipeline, outputs.letters)

    def assert_letters(self, pipeline, letters):
        topic = pipeline.topic("transactions")
        sent = {int(record.key[4:]): record for record in pipeline.kafka.read(topic)
                if record.key and record.key.startswith(b"key-")}
        by_number = {int(letter.key[4:]): letter for letter in letters}
        rows = {(row[0], row[1]): row[2:] for row in pipeline.query(
            "SELECT source_partition, source_offset, source_topic, reason, payload, payload_size"
            " FROM ingestion_errors")}
        self.assertEqual(len(letters), len(BAD))
        self.assertEqual(len(rows), len(BAD))
        for number, (name, (value, reason)) in enumerate(BAD.items()):
            with self.subTest(record=name):
                letter = by_number[number]
                self.assertEqual(letter.value, value)
                said = letter.headers["error"].decode()
                self.assertIn(reason, said)
                self.assertGreater(len(said), 5)
                source = {"source-topic": topic.encode(), "source-partition": str(sent[number].partition).encode(),
                          "source-offset": str(sent[number].offset).encode()}
                self.assertEqual({header: letter.headers[header] for header in source}, source)
                row = rows[sent[number].partition, sent[number].offset]
                self.assertEqual(row[:2], (topic, said))
                self.assertEqual(bytes(row[2] or b""), (value or b"")[:PAYLOAD_BYTES_MAX])
                self.assertEqual(row[3] or 0, len(value or b""))
