"""Mediators in the street: outings, their devices, what people say there, with or without network."""
