"""The demo marketplace: our own material, its people, and a simulated crowd that has begun to answer."""

from crowd.services.demo.seed import RealMarketplace, seed

__all__ = ["RealMarketplace", "seed"]
