"""Benchmarks: ``python -m bench [--quick] [names…]``.

Each measurement stands beside a floor taken in the same run on the same machine: what the bare database, disk or
library needs for the least that must happen. Ratios against the floor can be compared between runs and machines;
absolute figures cannot. Nothing here imports the tests.
"""
