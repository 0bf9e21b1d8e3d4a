#!/bin/sh
# After removing and purging; dpkg also calls it for the old version of an upgrade, which changes nothing.
set -e

case "$1" in
  upgrade | failed-upgrade | abort-upgrade | 1) exit 0 ;;
esac

profile=/etc/apparmor.d/culvert-desktop
rm -f /usr/bin/culvert-desktop
# The helper leaves it empty.
rmdir /run/culvert 2>/dev/null || true
if [ -f "$profile" ]; then
  if aa-status --enabled >/dev/null 2>&1; then apparmor_parser --remove "$profile" || true; fi
  rm -f "$profile"
fi
if command -v update-mime-database >/dev/null 2>&1; then update-mime-database /usr/share/mime || true; fi
if command -v update-desktop-database >/dev/null 2>&1; then update-desktop-database -q /usr/share/applications || true; fi
exit 0
