"""Scripts that run as processes of their own, for strangers' media; they import nothing of this project."""
