"""What the Python peers share: the two reference models' parameters, their draws, and the line they print.

Model A: M/M/10 at 90 %, one million customers. Model B: an outpatient day, the network `model-b` that comes with onetrip.
Draws come in blocks from numpy, so that the engines are compared and not the generators.
"""

import itertools
import json
import sys
import time

import numpy

SHARE_BY_HOUR = [0.08, 0.17, 0.17, 0.12, 0.06, 0.03, 0.09, 0.15, 0.09, 0.04]
PATIENTS_PER_DAY = 8000
DEPARTMENTS = 30
SERVERS = {"window": 12, "kiosk": 20, "pharmacy": 10, "department": 6}
EXAM_SERVERS = [4, 3, 2, 6, 8]
EXAM_MINUTES = [12.0, 10.0, 20.0, 8.0, 6.0]
IN_ROOM_MINUTES = 0.3
HALF_MINUTE_BINS = 2048


def blocks(draw, size=1024):
    """An endless stream of floats, drawn a block at a time."""
    return itertools.chain.from_iterable(draw(size).tolist() for _ in itertools.repeat(None)).__next__


class Luck:
    """The draws of one replication."""

    def __init__(self, seed, replication):
        self.generator = numpy.random.Generator(numpy.random.SFC64([seed, replication]))
        self.window = self.lognormal(1.5, 0.8)
        self.kiosk = self.lognormal(1.0, 0.5)
        self.exams = [self.lognormal(mean, 0.4) for mean in EXAM_MINUTES]
        self.pharmacy = self.lognormal(1.2, 0.6)
        self.consultation = blocks(lambda n: self.generator.gamma(1 / 0.36, 6.0 * 0.36, n))

    def lognormal(self, mean, cv):
        variance = numpy.log1p(cv * cv)
        return blocks(lambda n: self.generator.lognormal(numpy.log(mean) - variance / 2, variance**0.5, n))

    def exponential(self, mean):
        return blocks(lambda n: self.generator.exponential(mean, n))

    def patients(self):
        """Arrival time and itinerary of everyone of the day, a list of steps in order of visit."""
        random = self.generator
        times = [random.uniform(60 * hour, 60 * hour + 60, random.poisson(share * PATIENTS_PER_DAY))
                 for hour, share in enumerate(SHARE_BY_HOUR)]
        times = numpy.sort(numpy.concatenate(times))
        count = len(times)
        capacity = numpy.array(EXAM_SERVERS) / numpy.array(EXAM_MINUTES)
        exam = random.choice(len(EXAM_SERVERS), count, p=capacity / capacity.sum())
        happens = random.random((6, count)) < numpy.array([[0.40], [0.45], [0.30], [0.35], [0.50], [0.70]])
        department = random.integers(0, DEPARTMENTS, count)
        priority = random.random(count) < 0.2
        day = []
        for i, at in enumerate(times.tolist()):
            walk_in, pays, in_room, examined, returns, medicine = happens[:, i]
            steps = ["cashier"] if walk_in else []
            steps.append("department")
            if pays:
                steps.append("in_room" if in_room else "cashier")
            if examined:
                steps.append(int(exam[i]))
                if returns:
                    steps.append("department")
            if medicine:
                steps.append("pharmacy")
            day.append((at, steps, int(department[i]), 0 if priority[i] else 1))
        return day


class Tally:
    """Count, sum and histogram of waits by row, with half-minute bins."""

    def __init__(self):
        self.rows = {}

    def record(self, row, wait):
        counts = self.rows.get(row)
        if counts is None:
            counts = self.rows[row] = [[0] * HALF_MINUTE_BINS, 0, 0.0]
        counts[0][min(int(wait * 2), HALF_MINUTE_BINS - 1)] += 1
        counts[1] += 1
        counts[2] += wait

    def mean(self, *rows):
        found = [self.rows[row] for row in rows if row in self.rows]
        return sum(row[2] for row in found) / max(1, sum(row[1] for row in found))


def main(engine, model_a, model_b):
    """`PROGRAM a [CUSTOMERS]` or `PROGRAM b [REPLICATIONS]`; each model returns events, patients and some means."""
    model, size = sys.argv[1], int(sys.argv[2])
    began = time.process_time()
    if model == "a":
        events, patients, means = model_a(Luck(1, 0), size)
    else:
        runs = [model_b(Luck(1, replication)) for replication in range(size)]
        events, patients = sum(run[0] for run in runs), sum(run[1] for run in runs)
        means = {name: sum(run[2][name] for run in runs) / size for name in runs[0][2]}
    spent = time.process_time() - began
    print(json.dumps({"engine": engine, "model": f"model-{model}", "events": events, "patients": patients,
                      "cpu_s": spent, "means": means}))
