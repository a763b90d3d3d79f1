"""The settings, one module per group; a field of a model is the declaration of a setting."""
