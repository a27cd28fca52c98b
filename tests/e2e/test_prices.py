import json

from pipeline import PipelineTest

PRICES = "asset,price,as_of\nETH,2000,2024-01-01\nETH,1,2023-12-31\n"


class Prices(PipelineTest):
    def send_below_ten_thousand(self, wallet):
        """Four transfers of one time that are worth 9800 each, where one ETH is worth 2000."""
        transfers = [{"tx_id": f"{wallet}-{i}", "src": wallet, "dst": f"shop-{i}", "amount": 4.9, "asset": "ETH",
                      "timestamp": "2024-01-01T12:00:00"} for i in range(4)]
        self.pipe.kafka.send(self.pipe.topic("transactions"),
                             ((wallet, json.dumps(transfer).encode()) for transfer in transfers))
        self.pipe.await_scored()

    def test_a_price_makes_amounts_a_structuring_finding(self):
        self.pipe = pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(2)
        self.send_below_ten_thousand("before")
        prices = pipeline.dir / "prices.csv"
        prices.write_text(PRICES)
        self.assertIn("1 sent", pipeline.command("prices", "import", str(prices)))
        self.assertIn("0 sent", pipeline.command("prices", "import", str(prices)))
        self.assertRegex(pipeline.command("prices", "list"), r"^ETH +2000 +2024-01-01T00:00:00\.000Z\n$")
        pipeline.kafka.send(pipeline.topic("asset-prices"), [("BTC", b'{"price": "much"}')])
        pipeline.await_scored()
        self.send_below_ten_thousand("after")

        outputs = pipeline.finish()
        self.assertEqual([(alert["typology"], alert["wallet"]) for alert in outputs.alerts], [("structuring", "after")])
        alert, = outputs.alerts
        self.assertEqual(alert["tx_ids"], ["after-2", "after-0", "after-1"])
        values = {transfer["tx_id"]: (transfer["value"], transfer["timestamp"]) for transfer in outputs.transfers}
        self.assertEqual(values["before-3"], (4.9, "2024-01-01T12:00:00.000Z"))
        self.assertEqual(values["after-3"], (9800, "2024-01-01T12:00:00.000Z"))
        self.assertEqual(outputs.scores["after"][-1]["sent_value"], 4 * 9800)
        letter, = outputs.letters
        headers = {name: value.decode() for name, value in letter.headers.items()}
        self.assertEqual(headers["source-topic"], pipeline.topic("asset-prices"))
        self.assertIn('"price" must be a number', headers["error"])
