"""Statistics of a run by quantstats and by NumPy: one JSON request per line, one JSON answer each. Nothing of the engine is used but its equity marks."""
import json, sys, warnings
import numpy as np, pandas as pd, quantstats as qs
from scipy.stats import norm
from datetime import date, timedelta

warnings.simplefilter('ignore')
THURSDAY = date(1970, 1, 1)


def week(day):
    return (THURSDAY + timedelta(days=day)).isocalendar()[:2]


def samples(q):
    """Rows of E_0..E_n: the first decision, then the last row of each session date, or every row."""
    rows = list(range(q['first'], len(q['equity'])))
    days = q['day']
    return [i for i in rows if i == q['first'] or q['every_row'] or i == rows[-1] or days[i + 1] != days[i]]


def holding(q):
    """Value of one unit of the benchmark at each of its bars: splits scale it, dividends stay as cash. Actions take effect at the open of their session."""
    b = q['benchmark']
    units, cash, out = 1.0, 0.0, []
    done = set()
    for i, (day, close) in enumerate(zip(b['day'], b['close'])):
        for k, a in enumerate(b['actions']):
            if k in done or a['day'] > day:
                continue
            done.add(k)
            if i == 0 or i <= b['bought']:
                continue
            if a['type'] == 'dividend':
                cash += units * a['amount']
            else:
                units *= a['ratio']
        out.append(units * close + cash)
    return out


def pairs(q, rows):
    """(period, begin, end): the benchmark closed at the end of the period and at the end of the one before."""
    b = q['benchmark']
    key = (lambda d: d) if q['interval'] != '1w' else week
    if q['every_row']:
        at = {t: i for i, t in enumerate(b['known'])}
        ends = [at.get(q['time'][r]) for r in rows]
        return [(i, ends[i], ends[i + 1]) for i in range(len(rows) - 1) if ends[i] is not None and ends[i + 1] is not None]
    last = {key(d): i for i, d in enumerate(b['day'])}
    found = []
    for i in range(len(rows) - 1):
        k0, k1 = key(q['day'][rows[i]]), key(q['day'][rows[i + 1]])
        begin = last.get(k0)
        if k0 == k1:
            known = [j for j, d in enumerate(b['day']) if key(d) == k0 and b['known'][j] <= q['time'][rows[i]]]
            begin = known[-1] if known else None
        if begin is not None and k1 in last:
            found.append((i, begin, last[k1]))
    return found


def series(values):
    return pd.Series(values, index=pd.date_range('2000-01-01', periods=len(values), freq='D'), dtype=float)


def against(q, r, rows, A, out):
    both = pairs(q, rows)
    out['n_pairs'] = {'numpy': len(both)}
    if len(both) < 2:
        return
    q['benchmark']['bought'] = both[0][1]
    value = holding(q)
    b = np.array([value[e] / value[s] - 1 for _, s, e in both])
    x = np.array([r[i] for i, _, _ in both])
    rf = q['risk_free'] / A
    beta = np.cov(x, b, ddof=1)[0, 1] / np.var(b, ddof=1) if np.std(b) > 1e-12 else None
    active = x - b
    error = np.std(active, ddof=1)
    greeks = qs.stats.greeks(series(x), series(b), periods=A, prepare_returns=False)
    out['beta'] = {'numpy': beta, 'quantstats': greeks['beta']}
    out['alpha'] = {'numpy': None if beta is None else (np.mean(x - rf) - beta * np.mean(b - rf)) * A}
    if q['risk_free'] == 0:
        out['alpha']['quantstats'] = greeks['alpha']
    out['tracking_error'] = {'numpy': error * np.sqrt(A)}
    out['information_ratio'] = {'numpy': np.mean(active) / error * np.sqrt(A), 'quantstats': qs.stats.information_ratio(series(x), series(b), prepare_returns=False) * np.sqrt(A)}
    out['up_capture'] = {'numpy': np.mean(x[b > 0]) / np.mean(b[b > 0]) if (b > 0).any() else None}
    out['down_capture'] = {'numpy': np.mean(x[b < 0]) / np.mean(b[b < 0]) if (b < 0).any() else None}


def measure(q):
    rows = samples(q)
    E = np.array([q['equity'][i] for i in rows])
    r = E[1:] / E[:-1] - 1
    n, A = len(r), q['per_year']
    rf = q['risk_free'] / A
    s = series(r)
    mean, sd = np.mean(r), np.std(r, ddof=1)
    m2 = np.var(r)
    skew, kurtosis = np.mean((r - mean) ** 3) / m2 ** 1.5, np.mean((r - mean) ** 4) / m2 ** 2
    dd = E / np.maximum.accumulate(E) - 1
    var = np.quantile(r, 0.05)
    sr = (mean - rf) / sd
    cagr = (E[-1] / E[0]) ** (A / n) - 1
    longest = run = 0
    for fall in dd[1:]:
        run = run + 1 if fall < 0 else 0
        longest = max(longest, run)
    # quantstats takes an annual rate and its n-th root, the metrics an n-th of it: the rate whose root is that n-th.
    root = (1 + rf) ** A - 1
    out = {
        'n_returns': {'numpy': n},
        'total_return': {'numpy': E[-1] / E[0] - 1, 'quantstats': qs.stats.comp(s)},
        'cagr': {'numpy': cagr, 'quantstats': qs.stats.cagr(s, periods=A)},
        'volatility_ann': {'numpy': sd * np.sqrt(A), 'quantstats': qs.stats.volatility(s, periods=A)},
        'sharpe': {'numpy': sr * np.sqrt(A), 'quantstats': qs.stats.sharpe(s, rf=root, periods=A)},
        'sortino': {'numpy': mean / np.sqrt(np.sum(np.minimum(r, 0) ** 2) / n) * np.sqrt(A), 'quantstats': qs.stats.sortino(s, periods=A)},
        'max_drawdown': {'numpy': dd.min(), 'quantstats': qs.stats.max_drawdown(series(E))},
        'max_drawdown_duration': {'numpy': longest},
        'calmar': {'numpy': cagr / abs(dd.min()), 'quantstats': qs.stats.cagr(s, periods=A) / abs(qs.stats.max_drawdown(series(E)))},
        'ulcer': {'numpy': np.sqrt(np.mean(dd[1:] ** 2)), 'quantstats': qs.stats.ulcer_index(s) * np.sqrt((n - 1) / n)},
        'omega': {'numpy': r[r > 0].sum() / -r[r < 0].sum(), 'quantstats': qs.stats.omega(s, periods=A)},
        'var_95': {'numpy': var},
        'cvar_95': {'numpy': r[r <= var].mean(), 'quantstats': qs.stats.cvar(s, method='historical')},
        # quantstats corrects both for small samples; undone here.
        'skew': {'numpy': skew, 'quantstats': qs.stats.skew(s) * (n - 2) / np.sqrt(n * (n - 1))},
        'kurtosis': {'numpy': kurtosis, 'quantstats': (qs.stats.kurtosis(s) * (n - 2) * (n - 3) / (n - 1) - 6) / (n + 1) + 3},
        'psr': {'numpy': norm.cdf(sr * np.sqrt(n - 1) / np.sqrt(1 - skew * sr + (kurtosis - 1) / 4 * sr ** 2))},
        'mean_gross': {'numpy': np.mean([q['gross'][i] / q['equity'][i] for i in rows[1:]])},
        'mean_net': {'numpy': np.mean([q['net'][i] / q['equity'][i] for i in rows[1:]])},
    }
    # The corrections of pandas need three and four values.
    if n < 3:
        del out['skew']['quantstats']
    if n < 4:
        del out['kurtosis']['quantstats']
    against(q, r, rows, A, out)
    return {key: {peer: clean(value) for peer, value in found.items()} for key, found in out.items()}


def clean(value):
    return None if value is None or not np.isfinite(value) else float(value)


for line in sys.stdin:
    print(json.dumps(measure(json.loads(line))), flush=True)
