#!/bin/sh
# Browser tests need a Chromium of the system. Where there is none, install Debian's; where that cannot be done, say so.
for name in chromium chromium-browser google-chrome; do
    command -v "$name" >/dev/null 2>&1 && exit 0
done
if ! command -v apt-get >/dev/null 2>&1; then
    echo "No Chromium found: install one to run the browser tests; without it they are skipped."
    exit 0
fi
if [ "$(id -u)" = 0 ]; then as_root=""; else as_root="sudo -n"; fi
echo "Installing Chromium for the browser tests ..."
if ! { $as_root apt-get update -qq && $as_root apt-get install -y -qq --no-install-recommends chromium; } >/dev/null 2>&1; then
    echo "Chromium could not be installed; run 'sudo apt-get install chromium' to have the browser tests; without it they are skipped."
fi
exit 0
