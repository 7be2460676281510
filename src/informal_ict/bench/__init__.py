"""What a first visit to each page costs its reader, beside the same page as stock Jupyter Book builds it."""
