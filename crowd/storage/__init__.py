"""Nouns: a table and its queries in one file, blobs, and migrations."""
