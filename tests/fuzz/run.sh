#!/usr/bin/env bash
# Fuzzes every parser for so many seconds each (60 unless said), two at a time, seeded from the golden
# files. What breaks one is kept under target/fuzz and named; add it to tests/golden when it is mended.
#
#   tests/fuzz/run.sh [SECONDS] [FORMAT…]
#
# Needs a nightly toolchain, cargo-fuzz and a C++ compiler.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-60}
shift || true
work="$PWD/target/fuzz"
export CARGO_TARGET_DIR="$work/build"
mkdir -p "$work/log"
# Each run starts from the golden files alone, so that the same bytes are tried in the same order.
rm -rf "$work/corpus"

# The versions that the program is built with.
cp Cargo.lock tests/fuzz/Cargo.lock
cargo +nightly fuzz build --fuzz-dir tests/fuzz -s none
bin="$(find "$CARGO_TARGET_DIR" -path '*/release/importer' -type f | head -n 1 | xargs dirname)"

if [ $# -gt 0 ]; then formats=("$@"); else mapfile -t formats < <(cd tests/golden && ls -d -- */ | tr -d /; echo stream); fi

one() {
  local format=$1 program=importer seeds=("tests/golden/$1")
  if [ "$format" = stream ]; then program=stream; mapfile -t seeds < <(ls -d tests/golden/*/); fi
  local corpus="$work/corpus/$format" found="$work/found/$format"
  mkdir -p "$corpus" "$found" "$work/seeds/$format"
  find "${seeds[@]}" -type f ! -name '*.claims' -size -256k -exec cp {} "$work/seeds/$format/" \;
  if LASTGOOD_FUZZ_FORMAT="$format" "$bin/$program" -seed=1 -max_total_time="$seconds" -timeout=25 -rss_limit_mb=2048 \
    -max_len=65536 -artifact_prefix="$found/" "$corpus" "$work/seeds/$format" >"$work/log/$format" 2>&1; then
    printf '%-22s ok      %s\n' "$format" "$(grep -a '^Done' "$work/log/$format" | tail -n 1)"
  else
    printf '%-22s BROKEN  see %s and %s\n' "$format" "$work/log/$format" "$found"
    return 1
  fi
}
export -f one
export work seconds bin
printf '%s\n' "${formats[@]}" | xargs -P 2 -I{} bash -c 'one "$1"' _ {}
