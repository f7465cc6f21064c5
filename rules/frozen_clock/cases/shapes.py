"""Datetimes, helpers, renewed values."""

import time
from datetime import datetime, timedelta, timezone

import modal

app = modal.App("shapes")
IMPORTED_AT = time.time()


def expiry():
    return datetime.now(timezone.utc) + timedelta(hours=1)  # expect: SNAP603


@app.cls(enable_memory_snapshot=True)
class Shapes:
    @modal.enter(snap=True)
    def load(self):
        self.token_expiry = expiry()
        self.load_seconds = 0.0
        start = time.perf_counter()
        self.load_seconds = time.perf_counter() - start
        self.renewed = time.time()
        print(f"loaded at {datetime.now()}, {time.time() - IMPORTED_AT}")

    @modal.enter(snap=False)
    def wake(self):
        self.renewed = time.time()

    @modal.method()
    def run(self):
        return datetime.now(timezone.utc) < self.token_expiry, self.load_seconds, self.renewed


@app.cls()
class NoSnapshot:
    @modal.enter()
    def load(self):
        self.started = time.time()

    @modal.method()
    def run(self):
        return self.started
