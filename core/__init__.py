"""Fluxscape's library: sites, embeddings, clusters, trajectories and GPP, without a browser."""

__version__ = "0.1.0"
