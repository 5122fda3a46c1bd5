//! The whole configuration of an sshd: one file, what it includes, and the value that each keyword ends with.

use super::{File, arguments, canonical, default_of};
use crate::{Malformed, Span, Spanned, conf::Line, conf::Setting};

/// How deep includes may nest (`SERVCONF_MAX_DEPTH` in `servconf.c`).
pub const MAX_DEPTH: usize = 16;

/// Most files looked into, so that files which include each other can't cost time.
pub const MAX_FILES: usize = 256;

/// Most bytes of included files, in all.
pub const MAX_BYTES: usize = 16 << 20;

/// A setting, where it stands and when it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// Index into [`Config::files`].
    pub file: usize,
    /// The `Match` block it stands in, as an index into [`Config::blocks`]; none if it holds for everyone.
    pub block: Option<usize>,
    /// The setting.
    pub setting: Setting,
}

/// A `Match` block.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Block {
    /// Index into [`Config::files`].
    pub file: usize,
    /// What follows `Match`, and where.
    pub criteria: Spanned<String>,
    /// The block in which the file was included; both must match.
    pub within: Option<usize>,
}

/// The value a keyword ends with outside of all `Match` blocks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective<'a> {
    /// Its first argument without quotes, or the default.
    pub value: String,
    /// Where it is set; none for the default.
    pub found: Option<&'a Found>,
}

/// A configuration with its includes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Config {
    /// Path and contents of every file read, in order; one included twice is there twice.
    pub files: Vec<(String, File)>,
    /// Every setting in the order in which sshd meets them, `Include` itself left out.
    pub settings: Vec<Found>,
    /// The `Match` blocks.
    pub blocks: Vec<Block>,
    /// What was not understood or not followed: index of the file, and why. sshd refuses to start for these.
    pub errors: Vec<(usize, Malformed)>,
}

/// A file that is being read: where in it, and in which block.
struct Frame {
    file: usize,
    line: usize,
    block: Option<usize>,
    within: Option<usize>,
    waiting: std::vec::IntoIter<(String, Vec<u8>)>,
}

impl Config {
    /// Reads a configuration. `glob` is asked for the files that an absolute pattern matches (glob(7)), in
    /// alphabetical order; relative patterns are taken from /etc/ssh, as sshd does.
    pub fn load(path: &str, bytes: &[u8], mut glob: impl FnMut(&str) -> Vec<(String, Vec<u8>)>) -> Self {
        let mut config = Self::default();
        let mut left = MAX_BYTES;
        let mut stack = vec![config.open(path.to_owned(), bytes, None)];
        while let Some(mut frame) = stack.pop() {
            if let Some((path, bytes)) = frame.waiting.next() {
                let child = (config.files.len() < MAX_FILES && stack.len() < MAX_DEPTH)
                    .then(|| config.open(path, &bytes, frame.block));
                if child.is_none() {
                    let why = Malformed::at(0, "includes nest too deep, or are too many");
                    config.errors.push((frame.file, why));
                    frame.waiting = Vec::new().into_iter();
                }
                stack.push(frame);
                stack.extend(child);
            } else if config.step(&mut frame, &mut left, &mut glob) {
                stack.push(frame);
            }
        }
        config
    }

    fn open(&mut self, path: String, bytes: &[u8], block: Option<usize>) -> Frame {
        let file = self.files.len();
        self.files.push((path, File::parse(bytes)));
        Frame { file, line: 0, block, within: block, waiting: Vec::new().into_iter() }
    }

    /// Reads on to the end of a file (false) or to an include (true).
    fn step(
        &mut self,
        frame: &mut Frame,
        left: &mut usize,
        glob: &mut impl FnMut(&str) -> Vec<(String, Vec<u8>)>,
    ) -> bool {
        let Some((_, file)) = self.files.get(frame.file) else { return false };
        for (_, line) in file.lines().pieces().skip(frame.line) {
            frame.line += 1;
            match line {
                Line::Blank | Line::Comment => {}
                Line::Malformed(why) => self.errors.push((frame.file, why.clone())),
                Line::Section(criteria) => {
                    frame.block = Some(self.blocks.len());
                    let criteria = criteria.clone();
                    self.blocks.push(Block { file: frame.file, criteria, within: frame.within });
                }
                Line::Setting(setting) if setting.key.value.eq_ignore_ascii_case("include") => {
                    if self.files.len() >= MAX_FILES {
                        let why = Malformed::at(setting.span.range().start, "too many files are included");
                        self.errors.push((frame.file, why));
                        continue;
                    }
                    // One line may name one file a thousand times.
                    let patterns = arguments(&setting.value.value);
                    let found = patterns.iter().flat_map(|pattern| glob(&absolute(pattern)));
                    let mut files = Vec::new();
                    for (path, bytes) in found {
                        if bytes.len() > *left || self.files.len() + files.len() >= MAX_FILES {
                            let why =
                                Malformed::at(setting.span.range().start, "too many files are included");
                            self.errors.push((frame.file, why));
                            break;
                        }
                        *left -= bytes.len();
                        files.push((path, bytes));
                    }
                    if !files.is_empty() {
                        frame.waiting = files.into_iter();
                        return true;
                    }
                }
                Line::Setting(setting) => {
                    let setting = setting.clone();
                    self.settings.push(Found { file: frame.file, block: frame.block, setting });
                }
            }
        }
        false
    }

    /// Every setting of a keyword in order, those in `Match` blocks included. Old names count.
    pub fn all(&self, keyword: &str) -> impl Iterator<Item = &Found> {
        let keyword = canonical(keyword);
        self.settings.iter().filter(move |found| canonical(&found.setting.key.value) == keyword)
    }

    /// The setting that decides a keyword for everyone: the first outside of `Match` blocks. Keywords that add
    /// up (`Port`, `AllowUsers`, `HostKey` …) need [`Config::all`].
    #[must_use]
    pub fn get(&self, keyword: &str) -> Option<&Found> {
        self.all(keyword).find(|found| found.block.is_none())
    }

    /// The settings of a keyword in `Match` blocks: for whom they match, they beat the global one.
    pub fn overrides(&self, keyword: &str) -> impl Iterator<Item = &Found> {
        self.all(keyword).filter(|found| found.block.is_some())
    }

    /// The value a keyword ends with for everyone, or its default; none if it has neither.
    #[must_use]
    pub fn effective(&self, keyword: &str) -> Option<Effective<'_>> {
        match self.get(keyword) {
            Some(found) => {
                let value = arguments(&found.setting.value.value).into_iter().next().unwrap_or_default();
                Some(Effective { value, found: Some(found) })
            }
            None => default_of(keyword).map(|value| Effective { value: value.to_owned(), found: None }),
        }
    }

    /// Path of the file and place of the value of a setting.
    #[must_use]
    pub fn place(&self, found: &Found) -> Option<(&str, Span)> {
        self.files.get(found.file).map(|(path, _)| (path.as_str(), found.setting.value.span))
    }
}

fn absolute(pattern: &str) -> String {
    if pattern.starts_with('/') { pattern.to_owned() } else { format!("/etc/ssh/{pattern}") }
}
