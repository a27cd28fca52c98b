"""Wallets and transfers as the program shows them, beside what they should be."""
import datetime

from oracle import Wallet

SHOWN_MAX = 8


def milliseconds(text):
    if text is None:
        return None
    return round(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() * 1000)


def wallet_of_record(record):
    """A risk-scores record, or a live one, as the oracle's Wallet."""
    return Wallet(record["in_degree"], record["out_degree"], record["received_count"], record["sent_count"],
                  float(record["received_total"]), float(record["sent_total"]),
                  milliseconds(record["first_seen"]), milliseconds(record["last_seen"]))


def wallets_of_postgres(pipeline):
    rows = pipeline.query("SELECT wallet, in_degree, out_degree, received_count, sent_count, received_total,"
                          " sent_total, (extract(epoch FROM first_seen) * 1000)::bigint,"
                          " (extract(epoch FROM last_seen) * 1000)::bigint FROM risk_scores")
    return {row[0]: Wallet(*row[1:5], float(row[5]), float(row[6]), *row[7:]) for row in rows}


def exposures(items):
    """As the oracle gives them."""
    return {(item["direction"], item["category"], item["hops"], item["label"], item.get("via")) for item in items}


def exposures_of_postgres(pipeline):
    return {wallet: exposures(items)
            for wallet, items in pipeline.query("SELECT wallet, exposures FROM risk_scores") if items}


def assert_same(expected, actual, what):
    """Two dicts; says where they differ, but not all of it."""
    if expected == actual:
        return
    missing = [key for key in expected if key not in actual]
    strange = [key for key in actual if key not in expected]
    other = [key for key in expected if key in actual and actual[key] != expected[key]]
    lines = [f"{what}: of {len(expected)}, {len(missing)} missing, {len(strange)} strange, {len(other)} different"]
    lines += [f"  missing {key}: {expected[key]}" for key in missing[:SHOWN_MAX]]
    lines += [f"  strange {key}: {actual[key]}" for key in strange[:SHOWN_MAX]]
    lines += [f"  {key}:\n    expected {expected[key]}\n    is       {actual[key]}" for key in other[:SHOWN_MAX]]
    raise AssertionError("\n".join(lines))


def assert_once(keys, what):
    """Each key a single time."""
    seen, twice = set(), []
    for key in keys:
        if key in seen:
            twice.append(key)
        seen.add(key)
    if twice:
        raise AssertionError(f"{what}: {len(twice)} of {len(seen)} more than once, as {twice[:SHOWN_MAX]}")


def assert_versions_rise_by_one(scores, what):
    """`scores`: {wallet: [records in their order]}"""
    wrong = {wallet: versions for wallet, records in scores.items()
             if (versions := [record["version"] for record in records]) != list(range(1, len(versions) + 1))}
    if wrong:
        shown = "; ".join(f"{wallet} {versions[:20]}" for wallet, versions in list(wrong.items())[:3])
        raise AssertionError(f"{what}: versions of {len(wrong)} wallets have gaps or repeats: {shown}")


def assert_wallets_hold(records, oracle, labels):
    """One risk-scores record for each wallet, with the totals, counts, degrees and exposures that it should have."""
    assert_once([record["wallet"] for record in records], "risk-scores")
    wallets = {record["wallet"]: wallet_of_record(record) for record in records}
    assert_same(oracle.wallets(labels), wallets, "risk-scores")
    found = {record["wallet"]: items for record in records if (items := exposures(record["exposures"]))}
    assert_same(oracle.exposures(labels), found, "exposures in risk-scores")


def assert_outputs_hold(outputs, oracle, labels=()):
    """Each transfer and each alert once, each wallet's last record as it should be."""
    assert_once([transfer["tx_id"] for transfer in outputs.transfers], "transaction-risk")
    if len(outputs.transfers) != oracle.transfer_count:
        raise AssertionError(f"transaction-risk has {len(outputs.transfers)} transfers, not {oracle.transfer_count}")
    assert_once([alert["alert_id"] for alert in outputs.alerts], "alerts")
    assert_versions_rise_by_one(outputs.scores, "risk-scores")
    assert_wallets_hold([records[-1] for records in outputs.scores.values()], oracle, labels)


def assert_postgres_holds(pipeline, outputs, oracle, labels=()):
    """The same in the tables, and nothing else there."""
    assert_outputs_hold(outputs, oracle, labels)
    assert_same({t["tx_id"]: (t["src"], t["dst"], t["amount"], t["score"]) for t in outputs.transfers},
                {row[0]: (*row[1:3], float(row[3]), row[4])
                 for row in pipeline.query("SELECT tx_id, src, dst, amount, score FROM transactions")},
                "transactions in Postgres")
    assert_same({alert["alert_id"]: (alert["typology"], alert["wallet"], alert["tx_ids"]) for alert in outputs.alerts},
                {row[0]: row[1:] for row in pipeline.query("SELECT alert_id, typology, wallet, tx_ids FROM alerts")},
                "alerts in Postgres")
    assert_same(oracle.wallets(labels), wallets_of_postgres(pipeline), "risk_scores in Postgres")
    assert_same(oracle.exposures(labels), exposures_of_postgres(pipeline), "exposures in Postgres")
    inserted = pipeline.value("SELECT sum(inserted) FROM ingestion_state WHERE topic = %s",
                              pipeline.topic("transaction-risk"))
    if inserted != oracle.transfer_count:
        raise AssertionError(f"ingestion_state counts {inserted} insertions, not {oracle.transfer_count}")
