"""Connections at import, in pools, through helpers; and the look-alikes."""

import os
import threading

import modal

image = modal.Image.debian_slim().pip_install("asyncpg", "sentry-sdk", "pymongo", "sqlalchemy", "websockets", "redis")
app = modal.App("shapes", image=image)

with image.imports():
    import asyncpg
    import pymongo
    import redis
    import sentry_sdk
    import sqlalchemy

SNAPSHOT = True
local_cache = redis.Redis()
engine = sqlalchemy.create_engine("postgresql://db.example.com/app", pool_pre_ping=True)
mongo = pymongo.MongoClient("mongodb+srv://cluster.example.com")  # expect: SNAP601


def connect():
    return pymongo.MongoClient(os.environ["MONGO_URL"])


@app.cls(enable_memory_snapshot=SNAPSHOT)
class Pools:
    @modal.enter(snap=True)
    async def load(self):
        self.pool = await asyncpg.create_pool("postgresql://db.example.com/app")  # expect: SNAP601
        self.mongo = connect()  # expect: SNAP601
        with engine.connect() as connection:
            self.rows = connection.execute("select 1").fetchall()
        local_cache.ping()
        threading.Thread(target=print, args=("local thread",), daemon=True).start()

    @modal.method()
    async def run(self):
        return await self.pool.fetch("select 1"), self.mongo.db, mongo.db


@app.cls(enable_memory_snapshot=True)
class Closed:
    @modal.enter(snap=True)
    async def load(self):
        connection = await asyncpg.connect("postgresql://db.example.com/app")
        self.rows = await connection.fetch("select 1")
        await connection.close()
        if os.environ.get("SENTRY_DSN"):
            sentry_sdk.init(os.environ["SENTRY_DSN"])

    @modal.method()
    async def run(self):
        return self.rows


@app.cls(enable_memory_snapshot=True)
class Renewed:
    @modal.enter(snap=True)
    def load(self):
        sentry_sdk.init("https://key@sentry.example.com/1")

    @modal.enter(snap=False)
    def renew(self):
        sentry_sdk.init("https://key@sentry.example.com/1")

    @modal.method()
    def run(self):
        pass


@app.cls(enable_memory_snapshot=True)
class Reported:
    @modal.enter(snap=True)
    def load(self):
        sentry_sdk.init("https://key@sentry.example.com/1")  # expect: SNAP601

    @modal.method()
    def run(self):
        pass


@app.cls()
class NoSnapshot:
    @modal.enter()
    def load(self):
        sentry_sdk.init("https://key@sentry.example.com/1")

    @modal.method()
    def run(self):
        pass
