"""What runs on top of the middleware: the command line and the demonstration."""
