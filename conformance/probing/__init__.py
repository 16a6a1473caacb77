"""The only part that touches the network: it sends a plan and records what comes back."""
