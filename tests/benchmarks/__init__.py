"""Benchmarks: `make bench` or `python -m tests.benchmarks`. Not tests; they report ratios."""
