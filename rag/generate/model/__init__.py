"""A language model: what it is asked, what comes back, and what of that may stand."""
