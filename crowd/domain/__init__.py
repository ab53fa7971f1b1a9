"""Ideas: pure functions and values, on the standard library and numpy only."""
