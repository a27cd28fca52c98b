"""Transfers and labels from a seed: few very busy wallets and many quiet ones, every way of writing a transfer."""
import collections
import datetime
import json
import random

Transfer = collections.namedtuple("Transfer", "tx_id src dst amount timestamp_ms")

CATEGORIES = ("sanctioned", "mixer", "darknet", "scam", "theft", "ransomware", "exchange", "service")
# Years ago: no retention of records by their age may touch what they lead to.
BEGIN_MS = 1_577_836_800_000
_NAMES = (("src", "dst"), ("sender", "receiver"), ("from", "to"))


def wallet_name(number):
    # Bytes, not letters, decide partitions and order.
    return f"wällët-{number}" if number % 50 == 7 else f"0x{number * 2654435761 % 2**32:08x}{number:08x}"


def transfers(seed, count, wallet_count, skew=3.0):
    """`skew` 1 is none; with 3 a tenth of the wallets has about half of the traffic. Some send to themselves."""
    rng = random.Random(seed)
    names = [wallet_name(n) for n in range(wallet_count)]
    result = []
    for number in range(count):
        src = names[int(wallet_count * rng.random() ** skew)]
        dst = names[int(wallet_count * rng.random() ** skew)]
        digits = rng.choice((0, 2, 2, 8, 17))
        amount = round(rng.lognormvariate(4, 2.5), digits)
        # Not quite in order.
        timestamp_ms = BEGIN_MS + number * 1700 + rng.randrange(-60_000, 60_000)
        result.append(Transfer(f"tx-{seed}-{number}", src, dst, float(amount), timestamp_ms))
    return result


def labels(seed, count, wallet_count):
    """{wallet: category}: all categories in turn, on busy and on quiet wallets."""
    rng = random.Random(seed)
    numbers = rng.sample(range(wallet_count), count)
    return {wallet_name(number): CATEGORIES[i % len(CATEGORIES)] for i, number in enumerate(numbers)}


def _timestamp(transfer, way):
    if way == 0:
        return transfer.timestamp_ms
    if way == 1:
        return transfer.timestamp_ms / 1000
    moment = datetime.datetime.fromtimestamp(transfer.timestamp_ms / 1000, datetime.timezone.utc)
    return moment.isoformat(timespec="milliseconds")


def transfer_json(transfer):
    """The record, written in one of many ways that mean the same; the transfer decides which."""
    way = hash_of(transfer.tx_id)
    src, dst = _NAMES[way % 3]
    amount = str(transfer.amount) if way % 5 == 0 else transfer.amount
    record = {"tx_id": transfer.tx_id, src: transfer.src, dst: transfer.dst, "amount": amount,
              "timestamp": _timestamp(transfer, way % 4)}
    if way % 7 == 0:
        record["asset"] = "ETH"
    return json.dumps(record, ensure_ascii=way % 2 == 0).encode()


def label_json(category):
    return json.dumps({"category": category, "source": "test", "confidence": 0.9, "note": "of a test"}).encode()


def hash_of(text):
    """The same in each run, as Python's own is not."""
    value = 2166136261
    for byte in text.encode():
        value = (value ^ byte) * 16777619 & 0xffffffff
    return value
