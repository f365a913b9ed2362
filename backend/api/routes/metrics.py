"""Figures for monitoring, in Prometheus' text format."""

from collections import Counter
from collections.abc import Iterator

from fastapi import APIRouter, Response
from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from backend.api.dependencies import Store
from backend.services.ports import HistoryStore

router = APIRouter(tags=["monitoring"])

TEXT_FORMAT = "text/plain; version=0.0.4; charset=utf-8"


class StoreCollector(Collector):
    """Reads the store's kept counters: a scrape costs the same however much is stored."""

    def __init__(self, store: HistoryStore) -> None:
        self._store = store

    def collect(self) -> Iterator[Metric]:
        recommendations = GaugeMetricFamily(
            "redshift_recommendations_count",
            "Recommendations kept, by severity, reviewer and triage state.",
            labels=["severity", "reviewer", "state"],
        )
        for labels, count in sorted(self._recommendation_counts().items()):
            recommendations.add_metric(labels, count)
        yield recommendations
        yield GaugeMetricFamily(
            "redshift_reviews_count", "Reviews kept.", value=self._store.review_count()
        )

    def _recommendation_counts(self) -> Counter[tuple[str, str, str]]:
        counts: Counter[tuple[str, str, str]] = Counter()
        for row in self._store.daily_counts():
            counts[row.severity.value, row.reviewer.value, row.state.value] += row.count
        return counts


@router.get("/metrics", response_class=Response)
def metrics(store: Store) -> Response:
    registry = CollectorRegistry()
    registry.register(StoreCollector(store))
    return Response(generate_latest(registry), media_type=TEXT_FORMAT)
