"""What the pages say: wording, rounding, units and empty states, without any widget."""
