"""How others can check what the team does: public figures, and the journal for those who answer for the service."""
