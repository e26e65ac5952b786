"""Exports outside the request: the worker that builds what was asked for, and the processes in which workers run."""
