#!/usr/bin/env bash
# The demo: log-densities of handwritten digits and of corrupted copies of them, against exact values. tools/demo calls it.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cd "$here/../.."

target=0.5 # largest standard error [nat]
scorepath=${SCOREPATH_BINARY:-build/release/bin/scorepath}
out=demo-output

fail() {
  printf 'demo: %s\n' "$*" >&2
  exit 1
}

[ $# -eq 0 ] || fail "unknown argument $1 (the demo takes none) call it without"
[ -x "$scorepath" ] || fail "$scorepath is missing (the release build makes it) run tools/demo, which builds it"
command -v gnuplot >/dev/null || fail "gnuplot is missing (it draws the pictures) install gnuplot-nox"
python=
for candidate in python3 /usr/bin/python3; do
  if "$candidate" -c 'import numpy' 2>/dev/null; then
    python=$candidate
    break
  fi
done
[ -n "$python" ] || fail "no python3 with NumPy (it prepares the data) install python3-numpy"

mkdir -p "$out"
echo "1. Data: 1500 digits make the model, 128 held-out ones and 3 x 128 corrupted copies are asked about."
"$python" -B "$here/digits_data.py" data/digits "$out"

command=("$scorepath" density --method density-formula --model "$out/model.toml" --points "$out/points.npy" --target-se "$target" --paths 200000
  --json "$out/result.json" --force)
echo
echo "2. Log-densities by the density formula:"
echo "   ${command[*]}"
status=0
"${command[@]}" >"$out/table.txt" || status=$?
[ "$status" -eq 0 ] || fail "scorepath density failed with exit code $status (see above)"

echo
echo "3. Against the exact values (which a mixture has, and the estimate never reads):"
"$python" -B "$here/digits_report.py" "$out" "$target"

(cd "$out" && LC_ALL=C.UTF-8 gnuplot "$here/digits.gp") || fail "gnuplot failed (see above)"
echo
echo "4. Pictures:"
for picture in digits-ordered digits-corrupted digits-accuracy; do
  [ -s "$out/$picture.png" ] || fail "$out/$picture.png was not drawn (gnuplot said nothing) look into $here/digits.gp"
  echo "   $out/$picture.png"
done
