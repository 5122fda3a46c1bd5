//! Configuration files, parsed without loss: libvirt, sysctl.d, sshd_config, oslo INI, systemd units.
