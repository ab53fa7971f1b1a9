"""One module per screen; each holds a blueprint named `screen` and is found by itself."""
