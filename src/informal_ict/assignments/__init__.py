"""Assignment sources: what they are, what they must keep to, and the answers they are tried on."""
