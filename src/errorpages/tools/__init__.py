"""What runs on top of the middleware: the command line, the demonstration and the gallery."""
