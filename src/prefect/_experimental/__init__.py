"""What may still change without notice."""
