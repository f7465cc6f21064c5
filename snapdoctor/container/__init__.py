"""What a container holds just before the capture, as plain data read from outside the processes that it describes."""
