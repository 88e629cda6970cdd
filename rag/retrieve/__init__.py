"""Question → hits: the standalone query, the fusion of two rankings, and what is repeated."""
