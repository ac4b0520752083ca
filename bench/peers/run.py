"""The same work in other people's tools, one pinned core each: python3 bench/peers/run.py OUT.json [--python INTERPRETER].

Runs numpy, JAX and PyTorch where the interpreter has them. A peer that is absent or fails is a row that says so.
"""

import json
import subprocess
import sys
from datetime import datetime, timezone
from pathlib import Path

HERE = Path(__file__).resolve().parent


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.split(":", 1)[1].strip()
    return "unknown"


def main():
    arguments = sys.argv[1:]
    python = sys.executable
    if "--python" in arguments:
        place = arguments.index("--python")
        python = arguments[place + 1]
        del arguments[place:place + 2]
    if len(arguments) != 1:
        sys.exit(__doc__)
    rows = []
    for peer in ("numpy", "jax", "torch"):
        run = subprocess.run([python, HERE / f"{peer}_peer.py"], capture_output=True, text=True)
        if run.returncode == 0:
            rows += json.loads(run.stdout.splitlines()[-1])
        else:
            last = (run.stderr.strip().splitlines() or ["no message"])[-1]
            rows.append({"peer": peer, "missing": last})
        print(f"{peer}: {'done' if run.returncode == 0 else rows[-1]['missing']}", file=sys.stderr)
    result = {"date": datetime.now(timezone.utc).isoformat(timespec="seconds"), "processor": processor(), "threads": 1, "rows": rows}
    Path(arguments[0]).write_text(json.dumps(result, indent=1) + "\n")
    for r in rows:
        if "missing" in r:
            print(f"{r['peer']:<14} missing: {r['missing']}")
        else:
            print(f"{r['work']:<20} {r['rate']:10.3e} {r['unit']:<14} {r['peer']}, {r['form']}")


if __name__ == "__main__":
    main()
