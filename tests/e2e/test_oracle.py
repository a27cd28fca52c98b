"""The oracle itself, on cases that are reckoned by hand."""
import json
import math
import unittest

from oracle import Oracle
from workload import Transfer, labels, transfer_json, transfers


def transfer(number, src, dst, amount=1.0):
    return Transfer(f"t{number}", src, dst, amount, 1000 * number)


def chain(*wallets):
    return [transfer(n, src, dst) for n, (src, dst) in enumerate(zip(wallets, wallets[1:]))]


class Totals(unittest.TestCase):
    def test_sums_are_exact_and_counterparties_distinct(self):
        oracle = Oracle([transfer(1, "a", "b", 0.1), transfer(2, "a", "b", 0.2), transfer(3, "c", "b", 0.3)])
        a, b = oracle.wallets()["a"], oracle.wallets()["b"]
        self.assertEqual(b, (2, 0, 3, 0, math.fsum([0.1, 0.2, 0.3]), 0.0, 1000, 3000))
        self.assertEqual(a, (0, 1, 0, 2, 0.0, math.fsum([0.1, 0.2]), 1000, 2000))
        self.assertNotEqual(b.received_total, 0.1 + 0.2 + 0.3)

    def test_a_wallet_may_have_nothing_but_a_label(self):
        self.assertEqual(Oracle().wallets({"l": "scam"})["l"], (0, 0, 0, 0, 0.0, 0.0, None, None))

    def test_a_transfer_counts_once(self):
        oracle = Oracle([transfer(1, "a", "b"), transfer(1, "a", "b")])
        self.assertEqual(oracle.transfer_count, 1)
        self.assertEqual(oracle.wallets()["b"].received_count, 1)


def reached(transfers, labels, direction="source"):
    """The oracle's exposures of one direction, without naming it."""
    found = {}
    for wallet, items in Oracle(transfers).exposures(labels).items():
        for its, *exposure in items:
            if its == direction:
                found.setdefault(wallet, set()).add(tuple(exposure))
    return found


class Exposures(unittest.TestCase):
    def test_value_reaches_four_hops(self):
        found = reached(chain("l", "a", "b", "c", "d", "e"), {"l": "scam"})
        self.assertEqual(found["l"], {("scam", 0, "l", None)})
        self.assertEqual(found["a"], {("scam", 1, "l", "l")})
        self.assertEqual(found["d"], {("scam", 4, "l", "c")})
        self.assertNotIn("e", found)

    def test_value_comes_from_four_hops(self):
        found = reached(chain("e", "d", "c", "b", "a", "l"), {"l": "scam"}, "destination")
        self.assertEqual(found["d"], {("scam", 4, "l", "c")})
        self.assertNotIn("e", found)

    def test_a_service_passes_on_its_own_label_alone(self):
        found = reached(chain("l", "x", "a"), {"l": "scam", "x": "mixer"})
        self.assertEqual(found["x"], {("scam", 1, "l", "l"), ("mixer", 0, "x", None)})
        self.assertEqual(found["a"], {("mixer", 1, "x", "x")})

    def test_an_exchange_is_no_exposure_and_stops_that_of_others(self):
        found = reached(chain("l", "x", "a"), {"l": "scam", "x": "exchange"})
        self.assertEqual(found["x"], {("scam", 1, "l", "l")})
        self.assertNotIn("a", found)

    def test_the_nearest_eight_by_hops_then_name(self):
        sources = [transfer(n, name, "w") for n, name in enumerate("ihgfedcba")] + [transfer(10, "far", "i")]
        found = reached(sources, dict.fromkeys([*"abcdefghi", "far"], "theft"))
        self.assertEqual({label for _, _, label, _ in found["w"]}, set("abcdefgh"))

    def test_of_two_ways_the_first_neighbour_by_bytes(self):
        both = [transfer(1, "l", "ä"), transfer(2, "l", "z"), transfer(3, "ä", "w"), transfer(4, "z", "w")]
        self.assertEqual(reached(both, {"l": "scam"})["w"], {("scam", 2, "l", "z")})


class Workload(unittest.TestCase):
    def test_the_seed_decides_and_a_few_wallets_are_busy(self):
        some = transfers(1, 2000, 500)
        self.assertEqual(some, transfers(1, 2000, 500))
        self.assertNotEqual(some, transfers(2, 2000, 500))
        counts = sorted((w.sent_count for w in Oracle(some).wallets().values()), reverse=True)
        self.assertGreater(sum(counts[:50]), 800)
        self.assertEqual(len({t.tx_id for t in some}), 2000)

    def test_records_hold_the_amount_to_the_last_digit(self):
        for one in transfers(3, 500, 50):
            self.assertEqual(float(json.loads(transfer_json(one))["amount"]), one.amount)

    def test_labels_are_of_all_categories(self):
        self.assertEqual(len(set(labels(1, 16, 100).values())), 8)
