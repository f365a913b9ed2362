"""Facts and words of the field; no input or output."""
