import time

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, wait_for
from servers import servers

COUNT = 12_000
RATE = 1000


class PostgresAway(PipelineTest):
    def test_nothing_is_lost_or_repeated_and_the_api_says_so_meanwhile(self):
        transfers = workload.transfers(seed=5, count=COUNT, wallet_count=500)
        pipeline = self.pipeline()
        pipeline.create()
        pipeline.processors_start(1)
        pipeline.sink_start()
        pipeline.api_start()
        self.addCleanup(servers.postgres_start)
        with pipeline.sending(transfers, RATE) as sent:
            wait_for("transfers in Postgres", 30, lambda: pipeline.stored() > 1000)
            self.assertEqual(pipeline.api.get("/scores/top?limit=3").status, 200)
            servers.postgres_stop()
            answer = wait_for("503 from the API", 15, lambda: pipeline.api.answers("/scores/top?limit=3", status=503))
            self.assertGreater(int(answer.headers["Retry-After"]), 0)
            self.assertTrue(pipeline.api.answers("/ready", status=503))
            self.assertTrue(pipeline.api.answers("/health"))
            time.sleep(3)
            self.assertEqual(pipeline.api.get("/scores/top?limit=3").status, 503)
            self.assertFalse(sent.done(), "it was stopped after the load, not under it")
            servers.postgres_start()
            wait_for("the API", 30, lambda: pipeline.api.answers("/scores/top?limit=3"))
        compare.assert_postgres_holds(pipeline, pipeline.finish(), Oracle(transfers))
        status = pipeline.api.get("/ingestion/status").body
        self.assertEqual((status["total_inserted"], status["duplicates"]), (COUNT, 0))
        self.assertEqual(pipeline.sink.get("/health").status, 200)
