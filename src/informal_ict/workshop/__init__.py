"""The workshop pack: run sheets, guide, slides, cards and handouts, from the sources in ``workshop/``."""
