"""Proof of the suite itself: what it catches of the lies that the reference target can tell."""
