#!/usr/bin/env bash
# Runs a command, keeps what it says in a file, and shows that where the command fails. Usage: run_logged.sh LOG COMMAND...
log=$1
shift
"$@" > "$log" 2>&1 && exit 0
status=$?
cat "$log"
exit "$status"
