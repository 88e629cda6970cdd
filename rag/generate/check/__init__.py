"""A sentence that somebody wrote, and passages → whether one of them supports it."""
