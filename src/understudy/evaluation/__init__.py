"""How good a swap is: metrics, the benchmark against exact truth, and reports with pictures."""
