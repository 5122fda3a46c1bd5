//! Finds the controls: every `src/TOPIC/NAME.rs` is one, its path is its id, and its `//!` header is its page.

use std::{
    env,
    error::Error,
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    // A directory here is watched with all that is in it, so that a new file is noticed.
    println!("cargo:rerun-if-changed=src");
    println!("cargo:rerun-if-changed=build.rs");
    let source = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("src");
    let (mut list, mut pages) = (String::new(), String::new());
    for topic in entries(&source, |path| path.is_dir())? {
        for file in entries(&topic, |path| path.extension().is_some_and(|ending| ending == "rs"))? {
            let (topic, name) = (stem(&topic)?, stem(&file)?);
            let text = fs::read_to_string(&file)?;
            let header = text.lines().map_while(|line| line.strip_prefix("//!"));
            let page: String =
                header.map(|line| line.strip_prefix(' ').unwrap_or(line).to_owned() + "\n").collect();
            let id = format!("{topic}.{}", name.replace('_', "-"));
            writeln!(
                list,
                "    Entry {{ id: {id:?}, topic: {topic:?}, control: &{topic}::{name}::CONTROL }},"
            )?;
            writeln!(pages, "    Page {{ id: {id:?}, text: {page:?}, words: &{topic}::{name}::WORDS }},")?;
        }
    }
    let out = format!(
        "/// Every control, by id.\npub static CONTROLS: &[Entry] = &[\n{list}];\n\n\
         /// What is said about each, in the same order; a binary that never names it doesn't carry it.\n\
         pub static PAGES: &[Page] = &[\n{pages}];\n"
    );
    fs::write(PathBuf::from(env::var("OUT_DIR")?).join("registry.rs"), out)?;
    Ok(())
}

fn entries(directory: &Path, wanted: impl Fn(&Path) -> bool) -> Result<Vec<PathBuf>, Box<dyn Error>> {
    let mut found = vec![];
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        if wanted(&path) {
            found.push(path);
        }
    }
    found.sort();
    Ok(found)
}

fn stem(path: &Path) -> Result<&str, Box<dyn Error>> {
    path.file_stem().and_then(|name| name.to_str()).ok_or_else(|| "a file name that is not UTF-8".into())
}
