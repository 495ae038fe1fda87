"""The quickstart's sample: one page, one health check."""

import os

from flask import Flask

app = Flask(__name__)


@app.get("/")
def home() -> str:
    return "<h1>Hello from Atoll</h1>\n"


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


if __name__ == "__main__":
    app.run(host="0.0.0.0", port=int(os.environ.get("PORT", "8000")))
