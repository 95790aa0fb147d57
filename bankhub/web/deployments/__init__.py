"""Pages and API of deployments, for home and host."""
