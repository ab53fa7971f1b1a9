"""Tests that walk the whole house in a real browser."""
