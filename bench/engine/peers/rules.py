"""The rules of the benchmark that a peer's strategy has to follow itself, and the loop that serves requests, one JSON line each."""
import json
import math
import sys

SLIPPAGE = 0.0002
COMMISSION = 0.0005
SMALLEST_ORDER = 10
WARMUP = 50


class Crossing:
    """Active signal of one symbol: 1 long, 0 flat, None before the first."""

    def __init__(self, mode):
        self.level = mode == 'level'
        self.last = 0
        self.active = None

    def step(self, fast, slow):
        sign = 1 if fast > slow else -1 if fast < slow else 0
        if self.level or (sign != 0 and sign == -self.last):
            self.active = 1 if sign > 0 else 0
        if sign != 0:
            self.last = sign


def change(active, weight, equity, price, held):
    """Units to trade towards weight * equity in whole units; 0 for less than the smallest order, unless it closes."""
    wanted = math.trunc(weight * equity / price * (1 + 1e-12)) if active == 1 else 0
    delta = wanted - held
    if wanted != 0 and abs(delta) * price < SMALLEST_ORDER:
        return 0
    return delta


def affordable(wanted, price, cash, commission=COMMISSION):
    """The most of `wanted` units that `cash` pays for with commission."""
    return max(0, min(wanted, math.floor(cash / (price * (1 + commission)))))


def serve(handle):
    for line in sys.stdin:
        sys.stdout.write(json.dumps(handle(json.loads(line))) + '\n')
        sys.stdout.flush()
