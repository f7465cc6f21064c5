"""SNAP504 weights-placement: too much in the image, or too little."""

from snapdoctor.finding import Evidence, Severity
from snapdoctor.rule import Rule

RULE = Rule(
    code="SNAP504",
    name="weights-placement",
    summary="Weights above about 25 GB are baked into the image, or small ones are downloaded at every start: the other way round is faster.",
    severity=Severity.ADVICE,
    evidence=(
        Evidence(
            "reported",
            "baking helps up to about 15 to 20 GB and harms above about 25 GB",
            "https://yuvraj97.com/deep-dives/cold-start-engineering",
        ),
        Evidence(
            "documented",
            "a Volume is recommended for weights; an image performs alike, but every rebuild downloads again",
            "https://modal.com/docs/guide/model-weights",
        ),
    ),
)
