"""Pictures for the page: drawn by hand (diagrams) or from numbers (charts), vector, in the colours of its mode."""
