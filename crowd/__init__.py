"""A self-hosted crowdsourcing marketplace: micro-tasks, hidden gold, trust, consensus and pay."""
