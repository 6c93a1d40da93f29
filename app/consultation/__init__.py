"""What this city asks, when, of whom and under which rules: read from one content file."""
