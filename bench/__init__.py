"""Measures Offstage against its budgets (`make bench`): ratios taken in one run, interleaved, never as timed tests."""
