//! The audit trail: status and rules over netlink (never the text of `auditctl -l`, which loses operators), and the files.

use crate::{recorder::Recorder, source::Query};

pub(super) fn trail(recorder: &mut Recorder) {
    recorder.netlink(Query::AuditStatus);
    recorder.netlink(Query::AuditRules);
    recorder.file("etc/audit/auditd.conf");
    recorder.file("etc/audit/audit.rules");
    for key in recorder.files("etc/audit/rules.d", ".rules") {
        recorder.file(&key);
    }
    recorder.inode("var/log/audit");
    for name in recorder.names("var/log/audit") {
        recorder.inode(&format!("var/log/audit/{name}"));
    }
}
