import random

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for

WALLETS = 1000
COUNT = 10_000


class Duplicates(PipelineTest):
    def test_every_transaction_sent_twice_counts_once(self):
        transfers = workload.transfers(seed=3, count=COUNT, wallet_count=WALLETS)
        rng = random.Random(3)
        # The second time right after, or much later; with its sender as the key, with another, or with none.
        again = sorted(enumerate(transfers * 2), key=lambda item: item[0] % COUNT + rng.choice((0, 1, 50, 5000)))
        seen = set()

        def key(transfer):
            first = transfer.tx_id not in seen
            seen.add(transfer.tx_id)
            return transfer.src if first else rng.choice((transfer.src, transfer.dst, None))
        pipeline = self.pipeline()
        pipeline.create()
        pipeline.processors_start(2)
        pipeline.sink_start()
        pipeline.api_start()
        pipeline.send_transfers([transfer for _, transfer in again], key=key)
        pipeline.await_scored()
        # Metrics follow the work within a moment.
        wait_for("the count of duplicates", 5, lambda: COUNT == sum(
            process.metric("amlstream_processor_duplicates_total") for process in pipeline.processors))
        compare.assert_postgres_holds(pipeline, pipeline.finish(), Oracle(transfers))
        self.assertEqual(pipeline.api.get("/ingestion/status").body["total_inserted"], COUNT)
