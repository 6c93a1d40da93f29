"""Deciding what is published, by people: queue, claim, decisions, statements of reasons, alerts."""
