#!/bin/sh
# Finds or installs a Chromium for the browser tests; never fails the build where it cannot.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1; then
    apt-get update -qq && apt-get install -y -qq chromium >/dev/null && exit 0
fi
"$1" -m playwright install chromium >/dev/null 2>&1 || echo "No Chromium here: the browser tests will be skipped."
