"""Topics as the tests write and read them."""
import collections
import json
import time
import uuid

import confluent_kafka
from confluent_kafka import admin

READ_LIMIT_S = 90
FLUSH_LIMIT_S = 60
MESSAGE_BYTES_MAX = 8 * 1024 * 1024

# `key` and `value` are bytes or None, `headers` a dict of bytes.
Record = collections.namedtuple("Record", "key value partition offset headers")


class Kafka:
    def __init__(self, address):
        # What goes wrong is told by errors; the log is for the tests.
        self._common = {"bootstrap.servers": address, "log_level": 0, "reconnect.backoff.max.ms": 500}
        self._producer = None
        self._admin = admin.AdminClient(self._common)

    def _consumer(self, **properties):
        return confluent_kafka.Consumer({
            **self._common, "group.id": f"test-{uuid.uuid4()}", "enable.auto.commit": False,
            "auto.offset.reset": "earliest", "enable.partition.eof": True, "isolation.level": "read_committed",
            "fetch.wait.max.ms": 20, **{name.replace("_", "."): value for name, value in properties.items()}})

    def topics_create(self, partitions):
        """`partitions`: {topic: count}"""
        wanted = [admin.NewTopic(topic, count, 1) for topic, count in partitions.items()]
        for future in self._admin.create_topics(wanted, request_timeout=30).values():
            future.result(30)

    def topics_delete(self, prefix):
        names = [name for name in self._admin.list_topics(timeout=10).topics if name.startswith(prefix)]
        if names:
            for future in self._admin.delete_topics(names, request_timeout=30).values():
                future.result(30)

    def partition_count(self, topic):
        metadata = self._admin.list_topics(topic, timeout=10).topics[topic]
        return 0 if metadata.error else len(metadata.partitions)

    # --- writing

    def send(self, topic, records, rate=None):
        """`records`: (key, value). Keys find their partition as with Kafka's own clients; without a key it is a random
        one. `rate`: records a second. Returns when the broker has them all."""
        if not self._producer:
            self._producer = confluent_kafka.Producer({
                **self._common, "partitioner": "murmur2_random", "linger.ms": 5,
                "compression.type": "lz4", "message.max.bytes": MESSAGE_BYTES_MAX,
                "queue.buffering.max.messages": 1_000_000})
        failures = []

        def delivered(error, _message):
            if error:
                failures.append(str(error))
        begin = time.monotonic()
        for number, (key, value) in enumerate(records):
            if rate and number % 20 == 0:
                time.sleep(max(0.0, begin + number / rate - time.monotonic()))
            self._producer.produce(topic, value, key, on_delivery=delivered)
            self._producer.poll(0)
        left = self._producer.flush(FLUSH_LIMIT_S)
        if failures or left:
            raise AssertionError(f"{topic}: {left} records not delivered in time, {len(failures)} failed: "
                                 f"{failures[:3]}")

    # --- reading

    def ends(self, topic, isolation="read_uncommitted"):
        """What follows the last record of each partition: of all, or of those up to the first open transaction."""
        consumer = self._consumer(isolation_level=isolation)
        try:
            return [consumer.get_watermark_offsets(confluent_kafka.TopicPartition(topic, p), timeout=10)[1]
                    for p in range(self.partition_count(topic))]
        finally:
            consumer.close()

    def _records(self, topic, begin=None):
        count = self.partition_count(topic)
        begin = begin or [confluent_kafka.OFFSET_BEGINNING] * count
        deadline = time.monotonic() + READ_LIMIT_S
        consumer = self._consumer()
        try:
            consumer.assign([confluent_kafka.TopicPartition(topic, p, begin[p]) for p in range(count)])
            ended = set()
            while len(ended) < count:
                if time.monotonic() > deadline:
                    raise AssertionError(f"{topic}: not read to its end within {READ_LIMIT_S} s")
                for message in consumer.consume(5000, timeout=0.05):
                    if message.error() is None:
                        yield Record(message.key(), message.value(), message.partition(), message.offset(),
                                     dict(message.headers() or ()))
                    elif message.error().code() == confluent_kafka.KafkaError._PARTITION_EOF:
                        ended.add(message.partition())
                    else:
                        raise AssertionError(f"{topic}: {message.error()}")
        finally:
            consumer.close()

    def read(self, topic, begin=None):
        """All committed records from the offsets `begin` (by partition) on, by default the first, in the order of their
        partition."""
        return list(self._records(topic, begin))

    def read_json(self, topic):
        return [json.loads(record.value) for record in self.read(topic)]

    def committed(self, group, topic):
        """The offset by partition that the group goes on from."""
        count = self.partition_count(topic)
        consumer = self._consumer(group_id=group)
        try:
            wanted = [confluent_kafka.TopicPartition(topic, p) for p in range(count)]
            return [max(0, partition.offset) for partition in consumer.committed(wanted, timeout=10)]
        finally:
            consumer.close()

    def is_consumed(self, group, topic):
        """The group has committed all that stands in the topic, and no transaction is open there."""
        if self.ends(topic, "read_committed") != self.ends(topic):
            return False
        return next(self._records(topic, self.committed(group, topic)), None) is None
