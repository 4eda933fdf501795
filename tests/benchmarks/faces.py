"""Mining triplets against a loop over all of them; a face database against a loop over a dict."""

import json
import sys
import time

import numpy as np

from tests.benchmarks import measure
from tests.benchmarks.report import Row

PEOPLE, PICTURES, NUMBERS = 32, 4, 128  # of a batch, and in an embedding
ALPHA = 0.2
SIZES = (1_000, 100_000, 1_000_000)  # people in the database
MINING = ("all", "batch-hard", "semi-hard")
MOST_MILLISECONDS_MINING = 20
MOST_MILLISECONDS_SEARCHING = 50
REPEATS = 40  # of which the fastest counts


def rows(data):
    """Measure both sides on the same random embeddings; `data` is not needed."""
    ours, loops = (measure.run_module("tests.benchmarks.faces", side) for side in SIDES)
    if ours["names"] != loops["names"]:
        raise RuntimeError("the sides do not find the same people")
    if not np.allclose(ours["losses"], loops["losses"], atol=1e-4):
        raise RuntimeError(f"the sides do not agree: {ours['losses']} and {loops['losses']}")
    batch = f"{PEOPLE} people × {PICTURES} pictures"
    made = [
        _row(
            f"triplet loss of {batch}, {mining}, ms", ours, loops, mining, MOST_MILLISECONDS_MINING
        )
        for mining in MINING
    ]
    return made + [
        _row(f"who is this, among {size:,} people, ms",
             ours, loops, f"search {size}", MOST_MILLISECONDS_SEARCHING)
        for size in SIZES
    ]  # fmt: skip


def _row(what, ours, loops, key, most):
    mine, other = ours[key], loops[key]
    limit = f"at most {most} ms, and at most 1.00"
    kept = mine <= most and mine <= other
    return Row(what, f"{mine:.2f}", f"{other:.2f}", mine / other, limit, kept)


def batch():
    """Make embeddings of one batch that are partly learned, and their labels."""
    rng = np.random.default_rng(0)
    labels = np.repeat(np.arange(PEOPLE), PICTURES)
    embeddings = rng.normal(size=(PEOPLE, NUMBERS))[labels]
    embeddings += 1.2 * rng.normal(size=embeddings.shape)
    embeddings /= np.linalg.norm(embeddings, axis=1, keepdims=True)
    return embeddings.astype("float32"), labels


def people():
    """Yield name and embedding of a million people, one by one."""
    rng = np.random.default_rng(1)
    for first in range(0, SIZES[-1], 1_000):
        vectors = rng.normal(size=(1_000, NUMBERS)).astype("float32")
        vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
        for number, vector in enumerate(vectors, first):
            yield f"person {number}", vector


def stranger():
    """Make the embedding that is searched for."""
    vector = np.random.default_rng(2).normal(size=NUMBERS).astype("float32")
    return vector / np.linalg.norm(vector)


def our_side():
    """Time the workbook's functions; the losses compiled, as they are in `fit`."""
    import tensorflow as tf

    from helpers.faces import FaceDatabase, TripletLoss

    embeddings, labels = map(tf.constant, batch())
    report = {"names": [], "losses": []}
    for mining in MINING:
        loss = tf.function(TripletLoss(mining, alpha=ALPHA))
        report["losses"].append(float(loss(labels, embeddings)))
        report[mining] = _fastest(lambda loss=loss: float(loss(labels, embeddings)))

    database = FaceDatabase(None, encoder_id="none, these are embeddings", threshold=1)
    query = stranger()[None]
    for name, vector in people():
        database.enrol_embeddings([name], vector[None])
        if len(database) in SIZES:
            report["names"].append(database.identify_embeddings(query)[0].matches[0].name)
            report[f"search {len(database)}"] = _fastest(
                lambda: database.identify_embeddings(query)
            )
    return report


def loops_side():
    """Time loops over all triplets, and over a dict of embeddings, as courses have them."""
    embeddings, labels = batch()
    embeddings, labels = embeddings.astype(float), labels.tolist()
    report = {"names": [], "losses": [_loop_over_triplets(m, embeddings, labels) for m in MINING]}
    for mining in MINING:
        report[mining] = _fastest(
            lambda m=mining: _loop_over_triplets(m, embeddings, labels), repeats=3
        )
    database, query = {}, stranger()
    for name, vector in people():
        database[name] = vector
        if len(database) in SIZES:
            repeats = max(1, 10_000 // len(database))
            report["names"].append(_who_is_it(query, database))
            report[f"search {len(database)}"] = _fastest(
                lambda: _who_is_it(query, database), repeats=repeats, warm=False
            )
    return report


def _loop_over_triplets(mining, embeddings, labels):
    numbers, losses = range(len(labels)), []
    distances = [[float(((a - b) ** 2).sum()) for b in embeddings] for a in embeddings]
    for a in numbers:
        to_negatives = [distances[a][n] for n in numbers if labels[n] != labels[a]]
        to_positives = [distances[a][p] for p in numbers if labels[p] == labels[a] and p != a]
        if mining == "batch-hard":
            losses.append(max(max(to_positives) - min(to_negatives) + ALPHA, 0))
            continue
        for to_positive in to_positives:
            if mining == "semi-hard":
                beyond = [distance for distance in to_negatives if distance > to_positive]
                chosen = [min(beyond) if beyond else max(to_negatives)]
            else:
                chosen = to_negatives
            for to_negative in chosen:
                loss = max(to_positive - to_negative + ALPHA, 0)
                if loss > 0 or mining == "semi-hard":
                    losses.append(loss)
    return sum(losses) / len(losses)


def _who_is_it(encoding, database):
    nearest, least = None, 100
    for name, enrolled in database.items():
        distance = np.linalg.norm(encoding - enrolled)
        if distance < least:
            nearest, least = name, distance
    return nearest


def _fastest(step, *, repeats=REPEATS, warm=True):
    """Return the milliseconds of the fastest of some calls, the first one not counted if `warm`."""
    if warm:
        step()
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        step()
        seconds.append(time.perf_counter() - started)
    return 1000 * min(seconds)


SIDES = {"ours": our_side, "loops": loops_side}

if __name__ == "__main__":
    print(json.dumps(SIDES[sys.argv[1]]()))
