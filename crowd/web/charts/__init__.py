"""Charts: server-drawn SVG without scripts or styles of its own; classes colour it."""
