import csv

import compare
import workload
from oracle import Oracle
from pipeline import PipelineTest, percent_encoded


class Api(PipelineTest):
    def test_a_file_is_ingested_and_the_api_tells_of_it(self):
        transfers = workload.transfers(seed=14, count=3000, wallet_count=300)
        labels = workload.labels(seed=14, count=16, wallet_count=300)
        oracle = Oracle(transfers)
        pipeline = self.pipeline()
        pipeline.create()
        with open(pipeline.dir / "transfers.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["tx_id", "sender", "receiver", "amount", "timestamp"])
            rows.writerows(transfers)
        with open(pipeline.dir / "labels.csv", "w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(["wallet", "category"])
            rows.writerows(labels.items())
        pipeline.processors_start(1)
        pipeline.sink_start()
        pipeline.api_start()
        pipeline.command("ingest", "--labels", "labels.csv", "transfers.csv")
        outputs = pipeline.finish()
        self.assert_wallets(pipeline, oracle, labels)
        self.assert_lists(pipeline, outputs)
        self.assert_status(pipeline, transfers)

    def assert_wallets(self, pipeline, oracle, labels):
        expected = oracle.wallets(labels)
        actual = {wallet: compare.wallet_of_record(pipeline.api.get("/scores/" + percent_encoded(wallet)).body)
                  for wallet in expected}
        compare.assert_same(expected, actual, "/scores/{wallet}")
        self.assertEqual(pipeline.api.get("/scores/no-such-wallet").status, 404)

    def assert_lists(self, pipeline, outputs):
        ranking = [(record["wallet"], record["score"]) for record in
                   sorted((records[-1] for records in outputs.scores.values()),
                          key=lambda record: (-record["score"], record["wallet"].encode()))]
        top = pipeline.api.get("/scores/top?limit=20").body["items"]
        self.assertEqual([(item["wallet"], item["score"]) for item in top], ranking[:20])
        alerts, path = [], "/alerts?limit=100"
        while path:
            page = pipeline.api.get(path).body
            alerts += page["items"]
            path = page["next"] and f"/alerts?limit=100&before={percent_encoded(page['next'])}"
        self.assertGreater(len(alerts), 0)
        compare.assert_once([alert["alert_id"] for alert in alerts], "/alerts")
        self.assertEqual({alert["alert_id"] for alert in alerts}, {alert["alert_id"] for alert in outputs.alerts})
        times = [alert["created_at"] for alert in alerts]
        self.assertEqual(times, sorted(times, reverse=True))

    def assert_status(self, pipeline, transfers):
        status = pipeline.api.get("/ingestion/status").body
        told = [status[name] for name in ("total_inserted", "duplicates", "rejected")]
        self.assertEqual(told, [len(transfers), 0, 0])
        self.assertEqual(status["lag"]["sink"], 0)
        self.assertEqual(pipeline.api.get("/transactions/" + transfers[5].tx_id).body["amount"], transfers[5].amount)
