"""A fuzz target for atheris: whole exchanges through both adapters; `python -m fuzz --seconds 60`."""
