//! Parameters of the kernel's modules.

use model::{evidence::Evidence, fact::Fact};

/// A parameter as it is now; absent where the module is not loaded, or knows no such parameter.
pub(crate) fn parameter<'a>(evidence: &'a Evidence, module: &str, name: &str) -> Fact<&'a str> {
    let directory = format!("sys/module/{module}/parameters");
    let key = format!("{directory}/{name}");
    match evidence.names(&directory) {
        Fact::Absent(_) => Fact::Absent(key.as_str().into()),
        Fact::Known(names, _) if !names.iter().any(|known| known == name) => {
            Fact::Absent(key.as_str().into())
        }
        Fact::Unreadable(directory, why) => Fact::Unreadable(directory, why),
        Fact::Known(..) | Fact::NotCollected(..) => evidence.text(&key),
    }
}
