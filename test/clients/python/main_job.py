"""The main job with the generated client and its types alone; API, TOKEN and CSV come from the environment. Prints one JSON document."""

import json
import os
import time
from io import BytesIO
from typing import TypeVar
from uuid import UUID

from alphaswarm_core_client import AuthenticatedClient
from alphaswarm_core_client.api.backtests import backtest_results_equity, backtest_results_events, backtests_metrics
from alphaswarm_core_client.api.data import bars_bars
from alphaswarm_core_client.api.ingest import ingest_runs_start, uploads_store
from alphaswarm_core_client.api.jobs import jobs_detail
from alphaswarm_core_client.api.strategies import strategies_catalog, strategies_create, strategy_tests_test
from alphaswarm_core_client.models.create_strategy_body import CreateStrategyBody
from alphaswarm_core_client.models.job_view import JobView
from alphaswarm_core_client.models.problem import Problem
from alphaswarm_core_client.models.start_ingest_body import StartIngestBody
from alphaswarm_core_client.models.test_strategy_body import TestStrategyBody
from alphaswarm_core_client.types import File

client = AuthenticatedClient(base_url=os.environ["API"], token=os.environ["TOKEN"], raise_on_unexpected_status=True)

Answer = TypeVar("Answer")


def good(answer: Answer | Problem | None) -> Answer:
    if answer is None or isinstance(answer, Problem):
        raise SystemExit(f"refused: {answer}")
    return answer


def settled(task_id: UUID) -> JobView:
    while True:
        job = good(jobs_detail.sync(task_id, client=client))
        if job.status.value not in ("queued", "running"):
            return job
        time.sleep(0.025)


with open(os.environ["CSV"], "rb") as csv:
    upload = good(uploads_store.sync(client=client, body=File(payload=BytesIO(csv.read())), filename="bars.csv"))
body = StartIngestBody.from_dict({
    "source": {"kind": "upload", "upload_id": str(upload.upload_id)},
    "mapping": {"constants": {"vt_symbol": "GEN.SIM", "interval": "1d"}},
})
ingested = settled(good(ingest_runs_start.sync(client=client, body=body)).task_id)

catalog = good(strategies_catalog.sync(client=client))
config = {
    "strategy": {
        "class": "FrameworkAlgorithm",
        "kwargs": {
            "universe_model": {"class": "StaticUniverse", "kwargs": {"symbols": ["GEN.SIM"]}},
            "portfolio_model": {"class": "ScheduledTargets", "kwargs": {"targets": [{"time": "2024-01-02", "vt_symbol": "GEN.SIM", "weight": 0.5}]}},
        },
    },
    "backtest": {"engine": "event", "kwargs": {}},
}
strategy = good(strategies_create.sync(client=client, body=CreateStrategyBody.from_dict({"name": f"generated {time.time_ns()}", "config": config})))
test = good(strategy_tests_test.sync(strategy.id, client=client, body=TestStrategyBody()))
run = settled(test.task_id)
metrics = good(backtests_metrics.sync(test.run_id, client=client))
equity = good(backtest_results_equity.sync(test.run_id, client=client, limit=5))
events = good(backtest_results_events.sync(test.run_id, client=client))
bars = good(bars_bars.sync("GEN.SIM", client=client, start="2024-01-02"))
refused = strategies_create.sync(client=client, body=CreateStrategyBody(name=""))

print(json.dumps({
    "ingested": ingested.status.value, "components": len(catalog.data), "ended": run.status.value, "sharpe": metrics["sharpe"],
    "first": equity.data[0]["ts"], "events": len(events.splitlines()), "closes": [bar.close for bar in bars.bars],
    "code": refused.code if isinstance(refused, Problem) else None,
}))
