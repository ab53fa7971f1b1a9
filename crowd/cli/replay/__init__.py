"""Replay: recorded crowds answer again, over HTTP, through the pages that a browser uses."""
