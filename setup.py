"""Name the packages: `rules/` ships as `snapdoctor.rules` and `reference_deployments/` as data, which static discovery cannot say."""

from setuptools import find_packages, setup

rules = ["snapdoctor.rules", *(f"snapdoctor.rules.{name}" for name in find_packages("rules"))]

setup(
    include_package_data=False,
    packages=[*find_packages(include=["snapdoctor", "snapdoctor.*"]), *rules, "snapdoctor.reference_deployments"],
    package_dir={"snapdoctor": "snapdoctor", "snapdoctor.rules": "rules", "snapdoctor.reference_deployments": "reference_deployments"},
    package_data={
        "snapdoctor": ["py.typed", "schemas/*.json"],
        "": ["README.md"],
        "snapdoctor.reference_deployments": ["*.py", "README.md"],
    },
)
