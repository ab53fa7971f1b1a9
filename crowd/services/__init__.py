"""Verbs: each opens with a session, decides, and commits one transaction."""
