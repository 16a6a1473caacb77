"""Measurements of the suite itself, as ratios taken in one run: machines differ, and are noisy."""
