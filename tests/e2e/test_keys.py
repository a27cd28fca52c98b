import random

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest

WALLETS = 6000


class Keys(PipelineTest):
    def test_the_answer_does_not_depend_on_the_keys(self):
        transfers = workload.transfers(seed=2, count=20_000, wallet_count=WALLETS, skew=1.5)
        labels = workload.labels(seed=2, count=24, wallet_count=WALLETS)
        oracle = Oracle(transfers)
        rng = random.Random(2)
        ways = {"sender": lambda transfer: transfer.src, "random": lambda _: f"key-{rng.randrange(1000)}",
                "none": lambda _: None}
        pipelines = []
        for name in ways:
            pipeline = self.pipeline(name)
            pipeline.create(database=False)
            pipeline.send_labels(labels)
            # Two, so that what belongs together has to be brought together over Kafka.
            pipeline.processors_start(2)
            pipelines.append(pipeline)
        for pipeline, key in zip(pipelines, ways.values()):
            pipeline.await_scored()
            pipeline.send_transfers(transfers, key=key)
        for name, pipeline in zip(ways, pipelines):
            with self.subTest(keyed=name):
                compare.assert_outputs_hold(pipeline.finish(), oracle, labels)
