#!/usr/bin/env bash
# Every module: warnings as errors, formatting, unit tests, architecture rules. What it builds is what the platform stage installs.
set -euo pipefail
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain packages build
find_java
cd "$ATOLL_ROOT"
rm -f target/.built
mkdir -p target
# Two modules at a time: the tests of the node wait for machines, those of the server compute. Each line says when it was written.
./mvnw -B -ntp -T 2 --fail-at-end -Dorg.slf4j.simpleLogger.showDateTime=true -Dorg.slf4j.simpleLogger.dateTimeFormat=HH:mm:ss \
  verify dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
compiled_digest >target/.built
