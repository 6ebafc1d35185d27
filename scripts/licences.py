#!/usr/bin/env python3
"""Every crate that is compiled in is from crates.io and under a licence that asks nothing of users.

    scripts/licences.py            (needs `pip install license-expression`)

Permissive licences only: whoever uses a crate of ours may close their source. The exceptions are
copyleft by file: changes to those two crates would have to be published, ours not.
"""
import subprocess
import sys
from pathlib import Path

from license_expression import LicenseWithExceptionSymbol, get_spdx_licensing

ALLOWED = {
    "Apache-2.0", "Apache-2.0 WITH LLVM-exception", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0",
    "CC0-1.0", "ISC", "MIT", "MIT-0", "Unicode-3.0", "Unlicense", "Zlib",
}
EXCEPTIONS = {"buildid": {"MPL-2.0"}, "colored": {"MPL-2.0"}}
ROOT = Path(__file__).resolve().parent.parent

spdx = get_spdx_licensing()


def is_free(expression, allowed):
    """Whether one way to read `expression` asks for allowed licences only."""
    if isinstance(expression, LicenseWithExceptionSymbol) or not expression.args:
        return str(expression) in allowed
    parts = [is_free(part, allowed) for part in expression.args]
    return all(parts) if expression.operator.strip() == "AND" else any(parts)


tree = ["cargo", "tree", "--locked", "--workspace", "--edges", "normal,build", "--prefix", "none"]
lines = subprocess.check_output([*tree, "--format", "{p}\t{l}"], text=True).splitlines()
crates = sorted({line.removesuffix(" (*)") for line in lines if line})
faults = []
for crate in crates:
    package, licence = crate.split("\t")
    name, _, *source = package.removesuffix(" (proc-macro)").split(" ", 2)
    # a crate from elsewhere bears its address; ours bear their folder
    if source and not source[0].startswith(f"({ROOT}"):
        faults.append(f"{name} is from {source[0]}, expected crates.io")
    try:
        free = is_free(
            spdx.parse(licence.replace("/", " OR "), validate=True),
            ALLOWED | EXCEPTIONS.get(name, set()),
        )
    except Exception as error:  # an unknown name is as good as no licence
        licence, free = f"{licence} ({error})", False
    if not free:
        faults.append(f"{name} is under `{licence}`, expected one of {sorted(ALLOWED)}")
print(f"{len(crates)} crates, {len(faults)} that may not be used")
sys.exit("\n".join(f"error: {fault}" for fault in faults) or 0)
