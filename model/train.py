#!/usr/bin/env python3
"""Trains a model of transfers' features (LightGBM) for AMLSTREAM_MODEL; scripts/train runs it in its environment.

The rows of the features are in the order of the stream: the first 60 % are trained on, the next 20 % decide when to
stop and which threshold to take, the last 20 % are only for the report. The same files give the same model.
"""
import argparse
import csv
import gzip
import pathlib
import shutil
import sys

import lightgbm
import numpy

# Few and shallow trees: a transfer is scored by all of them, and contributions cost the square of the depth. Stopping
# by the log loss keeps the answer a probability; by average precision it stops as soon as the order is right.
PARAMETERS = {
    "objective": "binary",
    "metric": "binary_logloss",
    "learning_rate": 0.1,
    "num_leaves": 15,
    "max_depth": 6,
    "min_data_in_leaf": 40,
    "lambda_l2": 5.0,
    "feature_fraction": 0.6,
    "bagging_fraction": 0.8,
    "bagging_freq": 1,
    "seed": 1,
    "num_threads": 1,
    "deterministic": True,
    "force_row_wise": True,
    "verbosity": -1,
}
TREES_MAX = 100
GAINS_TOLD = 12
PATIENCE = 40  # trees without a gain on the validation part


def fail(message):
    sys.exit(f"train.py: {message}")


def text_of(path):
    return gzip.open(path, "rt", newline="") if str(path).endswith(".gz") else open(path, newline="")


def read_truth(path):
    with text_of(path) as file:
        rows = csv.DictReader(file)
        if "tx_id" not in (rows.fieldnames or []):
            fail(f'the header of "{path}" has no column tx_id')
        return {row["tx_id"] for row in rows}


def read_features(path):
    with text_of(path) as file:
        rows = csv.reader(file)
        header = next(rows, [])
        if header[:1] != ["tx_id"] or len(header) < 2:
            fail(f'"{path}" is not what amlstream features writes')
        ids, values = [], []
        for row in rows:
            ids.append(row[0])
            values.append(numpy.array(row[1:], dtype=numpy.float32))
    if not ids:
        fail(f'"{path}" has no transfers')
    return header[1:], ids, numpy.vstack(values)


def by_score(scores, wanted):
    """Counts of wanted and of all items from the highest score down, at the end of each distinct score."""
    order = numpy.argsort(-scores, kind="stable")
    scores, hits = scores[order], numpy.cumsum(wanted[order])
    ends = numpy.append(numpy.nonzero(numpy.diff(scores))[0], len(scores) - 1)
    return scores[ends], hits[ends], ends + 1


def average_precision(scores, wanted):
    _, hits, taken = by_score(scores, wanted)
    return float(numpy.sum(numpy.diff(numpy.append(0, hits)) * hits / taken) / wanted.sum())


def best_threshold(scores, wanted):
    thresholds, hits, taken = by_score(scores, wanted)
    return thresholds[numpy.argmax(2 * hits / (taken + wanted.sum()))]


def f1(scores, wanted, threshold):
    picked = scores >= threshold
    return float(2 * (picked & wanted).sum() / (picked.sum() + wanted.sum()))


def train(names, values, wanted, path):
    count = len(wanted)
    parts = [slice(0, count * 6 // 10), slice(count * 6 // 10, count * 8 // 10), slice(count * 8 // 10, count)]
    for part, name in zip(parts, ("first 60 %", "next 20 %", "last 20 %")):
        if not wanted[part].any() or wanted[part].all():
            fail(f"the {name} of the transfers must hold both planted and ordinary ones")
    learn, stop, _ = (lightgbm.Dataset(values[part], wanted[part], feature_name=names) for part in parts)
    booster = lightgbm.train(PARAMETERS, learn, TREES_MAX, valid_sets=[stop],
                             callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)])
    path.parent.mkdir(parents=True, exist_ok=True)
    booster.save_model(str(path), num_iteration=booster.best_iteration)
    shutil.copy(library(), path.parent / "lib_lightgbm.so")
    report(booster, values, wanted, parts)


def report(booster, values, wanted, parts):
    names = booster.feature_name()
    scores = booster.predict(values, num_iteration=booster.best_iteration)
    threshold = best_threshold(scores[parts[1]], wanted[parts[1]])
    print(f"{len(wanted)} transfers, {int(wanted.sum())} planted, {len(names)} features; {booster.best_iteration} trees")
    for part, name in zip(parts, ("training", "validation", "test")):
        print(f"{name:<11} average precision {average_precision(scores[part], wanted[part]):.3f}   "
              f"F1 {f1(scores[part], wanted[part], threshold):.3f}")
    gains = booster.feature_importance("gain", iteration=booster.best_iteration)
    print("features by gain:", ", ".join(f"{names[i]} {gains[i] / gains.sum():.1%}"
                                         for i in numpy.argsort(-gains, kind="stable")[:GAINS_TOLD]))


def library():
    """The C library of this LightGBM, which the processor scores with."""
    folder = pathlib.Path(lightgbm.__file__).parent
    for path in (folder / "lib/lib_lightgbm.so", folder / "lib_lightgbm.so"):
        if path.exists():
            return path
    return fail(f"{folder} holds no lib_lightgbm.so")


def main():
    if sys.argv[1:] == ["--library"]:
        return print(library())
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("features", help="what amlstream features wrote, gzip too")
    parser.add_argument("truth", help="CSV with a column tx_id: the planted transfers, gzip too")
    parser.add_argument("model", type=pathlib.Path, help="file to write; the library goes beside it")
    arguments = parser.parse_args()
    truth = read_truth(arguments.truth)
    names, ids, values = read_features(arguments.features)
    train(names, values, numpy.array([tx_id in truth for tx_id in ids]), arguments.model)
    print(f"score with it: AMLSTREAM_MODEL={arguments.model.resolve()}")


if __name__ == "__main__":
    main()
