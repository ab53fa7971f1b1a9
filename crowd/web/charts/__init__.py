"""Charts: server-drawn SVG, one file per chart; colours come from the stylesheet's classes."""
