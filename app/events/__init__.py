"""Meetings: workshops, visits, mediation; who signs up, who waits, who comes."""
