"""Sessions, contexts, commands, variables; and what is near or checked."""

import os
import ssl
import subprocess
import urllib.request

import modal

image = (
    modal.Image.debian_slim()
    .apt_install("curl", "git")
    .pip_install("httpx", "aiohttp", "requests", extra_options="--trusted-host pypi.org")  # expect: SNAP606
    .run_commands(
        "curl -fsSL https://example.com/install.sh -o /install.sh",
        "git -c http.sslVerify=false clone https://example.com/repo.git",  # expect: SNAP606
        "curl -k https://localhost:8443/ready",
    )
)
app = modal.App("shapes", image=image, secrets=[])


@app.cls(env={"GIT_SSL_NO_VERIFY": "1"})  # expect: SNAP606
class Shapes:
    @modal.enter()
    def load(self):
        import httpx
        import requests

        os.environ["CURL_CA_BUNDLE"] = ""  # expect: SNAP606
        self.session = requests.Session()
        self.session.verify = False  # expect: SNAP606
        self.client = httpx.Client(base_url="https://api.example.com", verify=False)  # expect: SNAP606
        self.near = httpx.Client(base_url="https://127.0.0.1:8443", verify=False)
        self.own = requests.get("https://internal.example.com", verify="/etc/ssl/own-ca.pem")

    @modal.method()
    def run(self):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE  # expect: SNAP606
        subprocess.run(["curl", "-k", "https://example.com/data"], check=True)  # expect: SNAP606
        return urllib.request.urlopen("https://example.com/data", context=context).read()


@app.function()
def near_context():
    context = ssl._create_unverified_context()
    return urllib.request.urlopen("https://localhost:8443/health", context=context).status


@app.function()
def plain(url: str):
    import requests

    return requests.get(url, timeout=10).json(), requests.get(url, verify=True)
