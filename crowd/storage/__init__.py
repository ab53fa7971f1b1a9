"""Nouns: a table and its queries in one file, and what lives in files."""
