#!/bin/sh
# The whole system of the virtual machine: a network card, and an agent that runs scripts which come over a serial port.
export PATH=/bin:/sbin
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
echo /sbin/modprobe > /proc/sys/kernel/modprobe
modprobe virtio_pci
modprobe virtio_console
echo 0 > /proc/sys/net/ipv6/conf/default/accept_dad
echo 0 > /proc/sys/net/ipv6/conf/all/accept_dad
modprobe virtio_net
for module in xfrm_user esp4 esp6 ah4 ah6; do modprobe "$module"; done
ip link set lo up
ip link set eth0 up
port=
while [ -z "$port" ]; do
  for found in /dev/vport*p1; do [ -c "$found" ] && port=$found; done
  [ -n "$port" ] || sleep 0.05
done
exec 3<> "$port"
echo READY >&3
# busybox runs its own shell, with its own ip, for anything called sh.
# A line of base64 is a script; a line of its exit status and output goes back.
while IFS= read -r line <&3; do
  printf '%s' "$line" | base64 -d > /tmp/script
  timeout 20 /bin/dash /tmp/script > /tmp/output 2>&1
  status=$?
  printf '%s %s\n' "$status" "$(base64 -w 0 /tmp/output)" >&3
done
poweroff -f
