"""Policy, rates and units: pages and API."""
