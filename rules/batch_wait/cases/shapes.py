import modal
from modal import batched

app = modal.App("shapes")
WAIT = 2 * 500


@app.function()
@batched(max_batch_size=4, wait_ms=WAIT)  # expect: SNAP702
def by_constant(items: list[str]) -> list[str]:
    return items


@app.function()
@modal.batched(max_batch_size=1, wait_ms=5000)
def nothing_to_wait_for(items: list[str]) -> list[str]:
    return items


@app.function()
@modal.batched(max_batch_size=4, wait_ms=499)
def just_below(items: list[str]) -> list[str]:
    return items


@app.function()
@modal.batched(
    max_batch_size=4,
    wait_ms=500,  # expect: SNAP702
)
def on_the_limit(items: list[str]) -> list[str]:
    return items
