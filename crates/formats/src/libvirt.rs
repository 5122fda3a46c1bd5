//! libvirt's XML: domains, domain status, networks, filters.
