"""The sample workload: an invented retail warehouse and four weeks of its queries."""

from backend.sample.export import SampleSummary, write_sample_export

__all__ = ["SampleSummary", "write_sample_export"]
