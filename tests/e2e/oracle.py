"""What the state must be after a set of transfers and labels, reckoned the plain way: sums of lists, sets,
breadth-first search. Has nothing of the engine but the rules of the model."""
import collections
import math

NEAREST = 8
MAX_HOPS = 4
# A service mixes the value of many: what reaches it goes no further, and only its own label does.
SERVICES = {"mixer", "exchange", "service"}
# Labels that carry no risk, and so are nobody's exposure.
HARMLESS = {"exchange", "service"}

Wallet = collections.namedtuple(
    "Wallet", "in_degree out_degree received_count sent_count received_total sent_total first_seen_ms last_seen_ms")


class Oracle:
    def __init__(self, transfers=()):
        self._seen = set()
        self._received = collections.defaultdict(list)
        self._sent = collections.defaultdict(list)
        self._senders = collections.defaultdict(set)
        self._receivers = collections.defaultdict(set)
        self._times = collections.defaultdict(list)
        for transfer in transfers:
            self.add(transfer)

    def add(self, transfer):
        if transfer.tx_id in self._seen:
            return
        self._seen.add(transfer.tx_id)
        self._sent[transfer.src].append(transfer.amount)
        self._received[transfer.dst].append(transfer.amount)
        self._receivers[transfer.src].add(transfer.dst)
        self._senders[transfer.dst].add(transfer.src)
        for wallet in (transfer.src, transfer.dst):
            self._times[wallet].append(transfer.timestamp_ms)

    @property
    def transfer_count(self):
        return len(self._seen)

    def wallets(self, labels=()):
        """A Wallet for each name; for those that have nothing but a label too."""
        unused = dict.fromkeys(labels, Wallet(0, 0, 0, 0, 0.0, 0.0, None, None))
        return unused | {name: Wallet(len(self._senders[name]), len(self._receivers[name]), len(self._received[name]),
                             len(self._sent[name]), math.fsum(self._received[name]), math.fsum(self._sent[name]),
                             min(times), max(times))
                for name, times in list(self._times.items())}

    def exposures(self, labels):
        """{wallet: {(direction, category, hops, label, via), ...}}: of each direction and category the nearest labelled
        wallets, from which value came or to which it went, itself at 0 hops included; `labels` is {wallet: category}.
        Ties go to the label that comes first, and of two ways as short to the neighbour that does, both by their
        bytes."""
        labels = dict(labels)
        found = collections.defaultdict(lambda: collections.defaultdict(list))
        for label, category in labels.items():
            if category in HARMLESS:
                continue
            for direction, onward in (("source", self._receivers), ("destination", self._senders)):
                for wallet, (hops, via) in self._reached(label, labels, onward).items():
                    found[wallet][direction, category].append((hops, label.encode(), label, via))
        return {wallet: {(direction, category, hops, label, via)
                         for (direction, category), entries in lists.items()
                         for hops, _, label, via in sorted(entries)[:NEAREST]}
                for wallet, lists in found.items()}

    @staticmethod
    def _reached(label, labels, onward):
        """{wallet: (hops, via)} of everywhere that `onward` leads from the label."""
        reached = {label: (0, None)}
        ring = [label]
        for hops in range(1, MAX_HOPS + 1):
            following = []
            for wallet in sorted(ring, key=str.encode):
                if wallet != label and labels.get(wallet) in SERVICES:
                    continue
                for neighbour in onward.get(wallet, ()):
                    if neighbour not in reached:
                        reached[neighbour] = (hops, wallet)
                        following.append(neighbour)
            ring = following
        return reached
