"""A linter and diagnostic doctor for apps that use memory snapshots on Modal."""

__version__ = "0.1.0"
