"""What the service tells the public about its own power over what people said."""
