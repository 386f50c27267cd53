"""EmaCross(20, 50) in backtrader. Timed: from the first line of the strategy's __init__ (feeds are read and preloaded by then) to the end of run()."""
import time

import backtrader as bt
import pandas as pd

from rules import COMMISSION, SLIPPAGE, WARMUP, Crossing, affordable, change, serve


class FirstBarEMA(bt.Indicator):
    """Exponential average seeded by the first value; backtrader's own is seeded by the mean of the first `period`."""
    lines = ('ema',)
    params = (('period', 20),)

    def __init__(self):
        self.alpha = 2.0 / (self.p.period + 1)

    def nextstart(self):
        self.line[0] = self.data[0]

    def next(self):
        self.line[0] = self.alpha * self.data[0] + (1 - self.alpha) * self.line[-1]

    def oncestart(self, start, end):
        self.line.array[start] = self.data.array[start]

    def once(self, start, end):
        source, line, alpha = self.data.array, self.line.array, self.alpha
        previous = line[start - 1]
        for i in range(start, end):
            line[i] = previous = alpha * source[i] + (1 - alpha) * previous


class EmaCross(bt.Strategy):
    params = (('mode', 'event'), ('clock', None))

    def __init__(self):
        self.p.clock.append(time.perf_counter())
        self.fast = [FirstBarEMA(data.close, period=20) for data in self.datas]
        self.slow = [FirstBarEMA(data.close, period=50) for data in self.datas]
        self.crossings = [Crossing(self.p.mode) for _ in self.datas]
        self.working = []
        self.fills = 0

    def notify_order(self, order):
        if order.status in (order.Partial, order.Completed):
            self.fills += 1

    def next(self):
        for order in self.working:
            if order.alive():
                self.cancel(order)
        self.working.clear()
        if len(self) < WARMUP:
            return
        longs = 0
        for crossing, fast, slow in zip(self.crossings, self.fast, self.slow):
            crossing.step(fast[0], slow[0])
            if crossing.active == 1:
                longs += 1
        weight = 1 / longs if longs else 0.0
        equity = self.broker.getvalue()
        buys = []
        free = self.broker.getcash()
        for data, crossing in zip(self.datas, self.crossings):
            if crossing.active is None:
                continue
            price = data.close[0]
            delta = change(crossing.active, weight, equity, price, self.getposition(data).size)
            if delta > 0:
                buys.append((data, delta, price))
            elif delta < 0:
                self.working.append(self.sell(data=data, size=-delta))
                free += -delta * price * (1 - COMMISSION)
        for data, delta, price in buys:
            size = affordable(delta, price, free)
            if size > 0:
                free -= size * price * (1 + COMMISSION)
                self.working.append(self.buy(data=data, size=size))


def load(file):
    return pd.read_csv(file, parse_dates=['time'], index_col='time')


FRAMES = {}


def handle(request):
    frames = [FRAMES.setdefault(file, load(file)) if file not in FRAMES else FRAMES[file] for file in request['files']]
    clock = []
    cerebro = bt.Cerebro(stdstats=False)
    for frame in frames:
        cerebro.adddata(bt.feeds.PandasData(dataname=frame))
    broker = cerebro.broker
    broker.setcash(request['cash'])
    broker.setcommission(commission=COMMISSION)
    broker.set_slippage_perc(SLIPPAGE, slip_open=True, slip_match=True, slip_out=True)
    broker.set_checksubmit(False)
    # What cash does not pay for at the fill is cut off, not the whole order refused.
    broker.set_filler(lambda order, price, ago: affordable(order.executed.remsize, price, broker.getcash()) if order.isbuy() else -order.executed.remsize)
    cerebro.addstrategy(EmaCross, mode=request['mode'], clock=clock)
    strategy = cerebro.run()[0]
    return {'seconds': time.perf_counter() - clock[0], 'fills': strategy.fills, 'equity': broker.getvalue()}


serve(handle)
