"""From built pages to a site that loads on a poor line, from a memory stick, and on an e-reader."""
