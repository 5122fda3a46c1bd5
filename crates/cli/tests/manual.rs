//! The manual says what the program prints: every `$ baluarte …` line in a ```` ```console ```` block of README.md and the
//! book is run from the repository's root, and its output compared. After the command, `? N` is an exit code other than 0;
//! a line `...` stands for any number of lines, `[..]` for any text within one. The counts of a summary may differ: a new control
//! changes them, and is one new file and no edit of the manual.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// A command of a page: its line there, its words, and what must come of it.
#[derive(Debug, Default, PartialEq)]
struct Case {
    line: usize,
    words: Vec<String>,
    code: i32,
    output: Vec<String>,
}

#[test]
fn every_command_of_the_manual_prints_what_it_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let mut pages = markdown(&root.join("book/src"));
    pages.push(root.join("README.md"));
    let (mut wrong, mut run) = (String::new(), 0);
    for page in pages {
        for case in cases(&fs::read_to_string(&page).unwrap()) {
            run += 1;
            let done = Command::new(env!("CARGO_BIN_EXE_baluarte"))
                .args(&case.words[1..])
                .current_dir(&root)
                .env_clear()
                .output()
                .unwrap();
            let printed = [done.stdout, done.stderr].concat();
            let printed = String::from_utf8(printed).unwrap();
            let printed: Vec<&str> = printed.lines().map(str::trim_end).collect();
            let expected: Vec<&str> = case.output.iter().map(String::as_str).collect();
            if done.status.code() != Some(case.code) || !matches(&expected, &printed) {
                let (page, line) = (page.display(), case.line);
                wrong += &format!("\n{page}:{line}: {} and prints:\n{}\n", done.status, printed.join("\n"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(run >= 10, "only {run} commands found");
}

fn markdown(directory: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(directory).unwrap().map(|entry| entry.unwrap().path());
    let (directories, files): (Vec<_>, Vec<_>) = entries.partition(|path| path.is_dir());
    let mut pages: Vec<_> = files.into_iter().filter(|path| path.extension().is_some_and(|e| e == "md")).collect();
    pages.extend(directories.iter().flat_map(|directory| markdown(directory)));
    pages.sort();
    pages
}

fn cases(text: &str) -> Vec<Case> {
    let (mut found, mut inside) = (Vec::<Case>::new(), false);
    for (number, line) in text.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if let (true, Some(command)) = (inside, line.strip_prefix("$ ")) {
            let words = words(command);
            assert_eq!(words[0], "baluarte", "line {}: a console block runs baluarte alone", number + 1);
            found.push(Case { line: number + 1, words, ..Case::default() });
        } else if let (true, Some(case)) = (inside, found.last_mut()) {
            match line.strip_prefix("? ").and_then(|code| code.parse().ok()) {
                Some(code) if case.output.is_empty() => case.code = code,
                _ => case.output.push(line.trim_end().to_owned()),
            }
        }
    }
    // An empty line before the next command is for the reader.
    for case in &mut found {
        while case.output.last().is_some_and(String::is_empty) {
            case.output.pop();
        }
    }
    found
}

/// Words of a command; blanks and globs may stand in single quotes.
fn words(command: &str) -> Vec<String> {
    let parts = command.split('\'').enumerate();
    let split = parts.flat_map(|(number, part)| match number % 2 {
        0 => part.split_whitespace().collect(),
        _ => vec![part],
    });
    split.map(str::to_owned).collect()
}

fn matches(expected: &[&str], printed: &[&str]) -> bool {
    match (expected, printed) {
        ([], rest) => rest.iter().all(|line| line.is_empty()),
        (["...", expected @ ..], printed) => (0..=printed.len()).any(|at| matches(expected, &printed[at..])),
        ([first, expected @ ..], [line, printed @ ..]) => same(first, line) && matches(expected, printed),
        (_, []) => false,
    }
}

/// The words of a line that counts passes: a topic's bar, or the last line of a report.
fn summary(line: &str) -> Option<Vec<&str>> {
    let words = || line.split(|letter: char| !letter.is_alphabetic()).filter(|word| word.len() > 1);
    line.contains(" pass").then(|| words().collect())
}

fn same(expected: &str, line: &str) -> bool {
    match (summary(expected), summary(line)) {
        (Some(expected), Some(line)) => return expected == line,
        (None, None) => {}
        _ => return false,
    }
    match expected.split_once("[..]") {
        None => expected == line,
        Some((before, after)) => line
            .strip_prefix(before)
            .is_some_and(|rest| rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| same(after, &rest[at..]))),
    }
}

#[test]
fn a_page_gives_commands_codes_and_output() {
    let page = "```sh\n$ other\n```\n```console\n$ baluarte check --only 'a b.*' x\n? 1\none\n\n$ baluarte x\n? two\n```\ntext\n";
    let case = |line, words: &[&str], code, output: &[&str]| {
        let owned = |list: &[&str]| list.iter().map(|word| (*word).to_owned()).collect();
        Case { line, words: owned(words), code, output: owned(output) }
    };
    let expected = [
        case(5, &["baluarte", "check", "--only", "a b.*", "x"], 1, &["one"]),
        case(9, &["baluarte", "x"], 0, &["? two"]),
    ];
    assert_eq!(cases(page), expected);
}

#[test]
fn ellipses_stand_for_what_they_stand_for_and_no_more() {
    for (expected, printed, fine) in [
        ("a\nb", "a\nb", true),
        ("a\nb", "a", false),
        ("a", "a\nb", false),
        ("a\n...", "a\nb\nc", true),
        ("...\nc", "a\nb\nc", true),
        ("...\nx", "a\nb\nc", false),
        ("a [..] c", "a b c", true),
        ("a [..]", "b c", false),
        ("[..]é[..]", "ééa", true),
        ("audit  ##xx 2 pass, 2 fail", "audit  #xxx 1 pass, 3 fail", true),
        ("audit  ##xx 2 pass, 2 fail", "audit  #### 4 pass", false),
    ] {
        let lines = |text: &'static str| text.lines().collect::<Vec<_>>();
        assert_eq!(matches(&lines(expected), &lines(printed)), fine, "{expected} / {printed}");
    }
}
