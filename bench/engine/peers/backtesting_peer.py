"""EmaCross(20, 50) in backtesting.py, once per symbol with its share of the cash. Timed: Backtest.run(), with the statistics it always works out."""
import functools
import time

import pandas as pd
from backtesting import Backtest, Strategy
from backtesting.backtesting import _Broker

from rules import COMMISSION, SLIPPAGE, WARMUP, Crossing, affordable, change, serve


def fees(size, price):
    """Slippage goes in as commission: the library's spread is charged on entries only."""
    return abs(size) * price * (SLIPPAGE + COMMISSION)


class ReducingBroker(_Broker):
    """Cuts an order down to what cash pays for at the open; the library's own cancels it."""
    fills = 0

    def _process_orders(self):
        price = self._data.Open[-1]
        for order in list(self.orders):
            if order.size > 0:
                size = min(order.size, self.margin_available // (price * (1 + SLIPPAGE + COMMISSION)))
                if size < 1:
                    order.cancel()
                    continue
                order._replace(size=size)
            type(self).fills += 1
        super()._process_orders()


class EmaCross(Strategy):
    mode = 'event'

    def init(self):
        close = pd.Series(self.data.Close)
        self.fast = self.I(lambda: close.ewm(span=20, adjust=False).mean().to_numpy())
        self.slow = self.I(lambda: close.ewm(span=50, adjust=False).mean().to_numpy())
        self.crossing = Crossing(self.mode)

    def next(self):
        if len(self.data) < WARMUP:
            return
        self.crossing.step(self.fast[-1], self.slow[-1])
        if self.crossing.active is None:
            return
        price = self.data.Close[-1]
        delta = change(self.crossing.active, 1.0, self.equity, price, self.position.size)
        if delta > 0:
            delta = affordable(delta, price, self._broker.margin_available, SLIPPAGE + COMMISSION)
            if delta > 0:
                self.buy(size=delta)
        elif delta < 0:
            self.sell(size=-delta)


FRAMES = {}


def load(file):
    if file not in FRAMES:
        frame = pd.read_csv(file, parse_dates=['time'], index_col='time')
        FRAMES[file] = frame.rename(columns=str.capitalize)
    return FRAMES[file]


def handle(request):
    seconds, equity = 0.0, 0.0
    ReducingBroker.fills = 0
    for file in request['files']:
        test = Backtest(load(file), EmaCross, cash=request['cash'] / len(request['files']), commission=fees)
        test._broker = functools.partial(ReducingBroker, **test._broker.keywords)
        start = time.perf_counter()
        result = test.run(mode=request['mode'])
        seconds += time.perf_counter() - start
        equity += result['Equity Final [$]']
    return {'seconds': seconds, 'fills': ReducingBroker.fills, 'equity': equity}


serve(handle)
