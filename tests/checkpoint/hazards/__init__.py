"""Programs that each make one hazard of a snapshot, wait for the restore, and check themselves.

They run inside the sandbox on the standard library alone (those of `torch_workers` need torch): `python -m hazards NAME FOLDER`.
"""
