"""The built-in themes and text formats; look them up through this package, never by path."""
