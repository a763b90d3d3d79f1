"""What the wire models are made of; integrations import some of these private names."""
