"""Text → the numbers, dates and names in it, however they are written."""
