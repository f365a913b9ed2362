"""What only shows across all patterns: queues, loads, the cluster, its bill."""
