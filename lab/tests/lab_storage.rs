//! Walls of storage: images, their chains, their folders.
mod wall;
use wall::walls;

walls! {
    base_writable Selinux "storage.base-image-readonly" given "
        qemu-img create -q -f qcow2 $I/base.qcow2 64M; chmod 444 $I/base.qcow2; restorecon $I/base.qcow2
        qemu-img create -q -f qcow2 -F qcow2 -b base.qcow2 $I/spare.qcow2; chmod 600 $I/spare.qcow2":
        "chmod 666 $I/base.qcow2";
    disk_in_clear Selinux "storage.network-disk-tls" given "
        device spare \"<disk type='network' device='disk'><driver name='qemu' type='raw'/><source protocol='nbd' name='e'><host name='192.0.2.9' port='10809'/></source><target dev='vdc' bus='virtio'/></disk>\"":
        "key $Q nbd_tls 0";
    not_encrypted Selinux "storage.image-encrypted" given "
        mkdir -p /etc/baluarte; printf 'encrypted = [\"/var/lib/libvirt/images/spare.qcow2\"]\\n' >/etc/baluarte/policy.toml
        qemu-img create -q -f qcow2 --object secret,id=s,data=no-secret -o encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10 $I/spare.qcow2 64M":
        "qemu-img create -q -f qcow2 $I/spare.qcow2 64M";
    pool_of_etc Selinux "storage.pool-inventory" given "
        mkdir -p /etc/libvirt/storage; echo \"<pool type='dir'><name>x</name><target><path>/var/lib/libvirt/images</path></target></pool>\" >/etc/libvirt/storage/x.xml; chmod 600 /etc/libvirt/storage/x.xml":
        "sed -i 's|/var/lib/libvirt/images|/etc|' /etc/libvirt/storage/x.xml";
    image_for_all Selinux "storage.image-perms": "chmod 666 $I/spare.qcow2";
    image_for_all_apparmor Apparmor "storage.image-perms": "chmod 644 $I/spare.qcow2";
    image_of_a_user Selinux "storage.image-perms": "chown 1000 $I/spare.qcow2";
    backing_file_is_secret Selinux "storage.backing-chain-trusted": "
        qemu-img create -q -f qcow2 -u -F raw -b /etc/shadow $I/spare.qcow2 64M; chmod 600 $I/spare.qcow2";
    backing_file_is_a_device Selinux "storage.backing-chain-trusted": "
        qemu-img create -q -f qcow2 -u -F raw -b /dev/vda $I/spare.qcow2 64M; chmod 600 $I/spare.qcow2";
    backing_format_unsaid Selinux "storage.backing-chain-trusted": "
        qemu-img create -q -f raw $I/base.img 64M; chmod 444 $I/base.img; restorecon $I/base.img
        qemu-img create -q -f qcow2 -F raw -b base.img $I/spare.qcow2; chmod 600 $I/spare.qcow2
        qemu-img amend -f qcow2 -o compat=0.10 $I/spare.qcow2; printf '\\0' | dd of=$I/spare.qcow2 bs=1 seek=72 conv=notrunc status=none; dd if=/dev/zero of=$I/spare.qcow2 bs=1 seek=72 count=16 conv=notrunc status=none";
    cache_unsafe Selinux "storage.cache-mode": "xml spare \"s/name='qemu' type='qcow2'/name='qemu' type='qcow2' cache='unsafe'/\"";
    errors_ignored Selinux "storage.disk-error-policy": "xml spare \"s/name='qemu' type='qcow2'/name='qemu' type='qcow2' error_policy='ignore'/\"";
    format_unsaid Selinux "storage.format-explicit": "xml spare \"s/name='qemu' type='qcow2'/name='qemu'/\"";
    format_wrong Selinux "storage.format-explicit": "xml spare \"s/name='qemu' type='qcow2'/name='qemu' type='raw'/\"";
    header_broken Selinux "storage.image-structural-sanity": "printf '\\377' | dd of=$I/spare.qcow2 bs=1 seek=40 conv=notrunc status=none";
    no_locks Selinux "storage.lock-manager": "key $Q lock_manager '\"nop\"'";
    host_reads_image Selinux "storage.no-host-mount-of-images": "modprobe loop; losetup /dev/loop0 $I/spare.qcow2";
    old_encryption Selinux "storage.qcow2-legacy-aes-off": "
        qemu-img create -q -f qcow2 --object secret,id=s,data=no-secret -o encrypt.format=aes,encrypt.key-secret=s $I/spare.qcow2 64M; chmod 600 $I/spare.qcow2";
    memory_for_all Selinux "storage.save-dump-dirs": "chmod 755 /var/lib/libvirt/qemu /var/lib/libvirt/qemu/save";
    secret_told Selinux "storage.secret-protected": "
        echo \"<secret ephemeral='no' private='no'><uuid>0a81f5b2-8403-4b23-c8d6-21ccc2f80d6f</uuid></secret>\" >/etc/libvirt/secrets/0a81f5b2-8403-4b23-c8d6-21ccc2f80d6f.xml; chmod 600 /etc/libvirt/secrets/*";
    disk_of_two Selinux "storage.shared-disk-controlled": "xml spare s/spare.qcow2/shop.qcow2/";
}
