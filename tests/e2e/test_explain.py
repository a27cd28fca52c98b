import json

import workload
from pipeline import PipelineTest

# Names whose partitions differ, so that the path passes from task to task.
CHAIN = ("lazarus", "mule", "alice", "shop")
LIST = {"category": "sanctioned", "source": "ofac", "date": "2026-11-01T00:00:00.000Z"}


class Explain(PipelineTest):
    def scored(self, processors, **settings):
        pipeline = self.pipeline()
        pipeline.create(database=False)
        pipeline.processors_start(processors, **settings)
        listed = pipeline.dir / "ofac.txt"
        listed.write_text(CHAIN[0] + "\n")
        pipeline.command("labels", "import", str(listed), "--category", "sanctioned", "--source", "ofac", "--date",
                         "2026-11-01")
        begin = workload.BEGIN_MS
        pipeline.send_transfers([workload.Transfer("t1", "lazarus", "mule", 100.0, begin),
                                 workload.Transfer("t3", "mule", "alice", 30.0, begin + 2000),
                                 workload.Transfer("t2", "mule", "alice", 60.0, begin + 1000),
                                 workload.Transfer("t4", "alice", "shop", 5.0, begin + 3000)])
        pipeline.await_scored()
        return pipeline

    def explain(self, pipeline, *arguments):
        urls = ",".join(f"http://127.0.0.1:{process.port}" for process in pipeline.processors)
        return pipeline.command("explain", *arguments, "--processor", urls)

    def test_a_two_hop_path_from_a_sanctioned_wallet_names_its_transfers(self):
        pipeline = self.scored(1, threads=3)
        why = json.loads(self.explain(pipeline, "alice", "--json"))
        self.assertTrue(why["complete"])
        self.assertEqual(why["state"], pipeline.live("alice"))
        path, = (path for path in why["paths"] if path["label"] == "lazarus")
        self.assertEqual([(hop["from"], hop["to"], hop["tx_ids"]) for hop in path["path"]],
                         [("mule", "alice", ["t2", "t3"]), ("lazarus", "mule", ["t1"])])
        self.assertEqual({key: path["labelled"][key] for key in LIST}, LIST)
        self.assertEqual([contributor["wallet"] for contributor in why["contributors"]], ["mule", "shop"])
        self.assertEqual(why["contributors"][0]["received"]["value"], 90)

        why = json.loads(self.explain(pipeline, "mule", "alice", "--tx-id", "t2", "--json"))
        self.assertTrue(why["complete"])
        self.assertEqual(why["edge"]["tx_ids"], ["t2", "t3"])
        self.assertEqual(why["sender"]["paths"][0]["path"][0]["tx_ids"], ["t1"])
        self.assertEqual(why["receiver"]["wallet"], "alice")

        text = self.explain(pipeline, "alice")
        for part in ("lazarus\n", "└─ mule  by t1", "└─ alice  by t2, t3"):
            self.assertIn(part, text)
        processor, = pipeline.processors
        self.assertEqual(processor.get("/state/explain/nobody").status, 404)
        self.assertEqual(processor.get("/state/explain/transfer?src=alice&dst=lazarus").status, 404)
        refused = processor.get("/state/explain/alice?max_hops=0")
        self.assertEqual((refused.status, refused.body["parameter"]), (400, "max_hops"))

    def test_what_another_instance_has_is_said(self):
        pipeline = self.scored(2)
        for wallet in CHAIN[:-1]:
            why = json.loads(self.explain(pipeline, wallet, "--json"))
            path, = (path for path in why["paths"] if path["label"] == "lazarus")
            known = [(hop["from"], hop["to"]) for hop in path["path"]]
            place = CHAIN.index(wallet)
            expected = [(CHAIN[i - 1], CHAIN[i]) for i in range(place, 0, -1)]
            self.assertEqual(known, expected[:len(known)])
            if not path["complete"]:
                self.assertEqual(path["continues_at"], CHAIN[place - len(known)])
                self.assertFalse(why["complete"])
