#!/usr/bin/env bash
# Every module: warnings as errors, formatting, unit tests, architecture rules. What it builds is what the platform stage installs.
set -euo pipefail
. "$ATOLL_ROOT/launcher/common.sh"
use config toolchain packages build
find_java
cd "$ATOLL_ROOT"
rm -f target/.built
mkdir -p target
./mvnw -B -ntp --fail-at-end verify dependency:build-classpath -Dmdep.outputFile=target/classpath.txt -DincludeScope=runtime
compiled_digest >target/.built
