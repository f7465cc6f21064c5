"""Secrets by dict, by name, inherited by a child; settings that only look like secrets."""

import os
import subprocess

import modal

image = modal.Image.debian_slim().env({"MODEL_NAME": "small", "CACHE_KEY": "v1"})
app = modal.App("shapes", image=image)
REGION = os.environ.get("MODAL_REGION", "")
MODEL_NAME = os.environ.get("MODEL_NAME", "small")
CACHE_KEY = os.environ.get("CACHE_KEY")
DEBUG = os.environ.get("DEBUG", "")
ENVIRONMENT = os.environ.get("MODAL_ENVIRONMENT")


@app.cls(enable_memory_snapshot=True, secrets=[modal.Secret.from_dict({"SETTING": "a"}), modal.Secret.from_name("other")])
class Shapes:
    @modal.enter(snap=True)
    def load(self):
        self.setting = os.environ["SETTING"]  # expect: SNAP604
        self.password = os.getenv("DB_PASSWORD")  # expect: SNAP604
        self.child = subprocess.Popen(["my-server"], env={**os.environ, "TOKEN": os.environ["API_TOKEN"]})

    @modal.method()
    def run(self):
        return self.setting, self.password, MODEL_NAME, CACHE_KEY, DEBUG, ENVIRONMENT


@app.cls(enable_memory_snapshot=True)
class NoSecrets:
    @modal.enter(snap=True)
    def load(self):
        self.key = os.environ.get("API_KEY")

    @modal.method()
    def run(self):
        return self.key


@app.cls(enable_memory_snapshot=True, secrets=[modal.Secret.from_name("api")])
class ReadAgain:
    @modal.enter(snap=True)
    def load(self):
        self.key = os.environ["API_KEY"]

    @modal.enter(snap=False)
    def renew(self):
        self.key = os.environ["API_KEY"]

    @modal.method()
    def run(self):
        return self.key
