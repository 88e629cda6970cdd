"""Hits → answer: which sentences answer, whether any does, and the check of every citation."""
