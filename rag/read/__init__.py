"""Question and passage, read together: the short answer, the sentences that support it, or none."""
