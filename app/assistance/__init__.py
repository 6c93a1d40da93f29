"""Advice for moderators, found by programs: it marks words and says why; it decides nothing."""
