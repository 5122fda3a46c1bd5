//! Law 6: no file over 400 lines, no function over 60. Tables of data and generated files say so in a line.
use super::{Breach, Source, breach, scan};

const FILE: usize = 400;
const FUNCTION: usize = 60;

pub fn check(source: &Source) -> Vec<Breach> {
    if source.is_data() {
        return Vec::new();
    }
    let mut out = Vec::new();
    let lines = source.text.lines().count();
    if lines > FILE {
        let what = format!(
            "{lines} lines, and {FILE} is the most; split it by idea, or mark it `// tidy: data table`"
        );
        out.push(breach(&source.path, FILE + 1, "6", what));
    }
    let code = &source.scan.code;
    for at in scan::words(code, "fn") {
        // `fn(u8) -> u8` is a type.
        if !code[at + 2..].trim_start().starts_with(|c: char| c == '_' || c.is_alphabetic()) {
            continue;
        }
        let Some((_, end)) = scan::body(code, at) else { continue };
        let (first, last) = (scan::line(code, at), scan::line(code, end));
        if last - first >= FUNCTION {
            let name: String = code[at + 2..]
                .trim_start()
                .chars()
                .take_while(|c| *c == '_' || c.is_alphanumeric())
                .collect();
            let what =
                format!("`{name}` has {} lines, and {FUNCTION} is the most; split it", last - first + 1);
            out.push(breach(&source.path, first, "6", what));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use crate::tidy::tests::laws;

    #[test]
    fn long_files_and_functions_break_law_6() {
        let path = "crates/model/src/a.rs";
        let file = |lines: usize| format!("//! A.\n{}", "// x\n".repeat(lines - 1));
        assert_eq!(laws("l6a", path, &file(400)), []);
        assert_eq!(laws("l6b", path, &file(401)), [(401, "6")]);
        assert_eq!(laws("l6c", path, &format!("{}// tidy: data table\n", file(401))), []);
        let function =
            |lines: usize| format!("//! A.\nfn f() {{\n{}}}\n", "    g(\"}\");\n".repeat(lines - 2));
        assert_eq!(laws("l6d", path, &function(60)), []);
        assert_eq!(laws("l6e", path, &function(61)), [(2, "6")]);
    }

    #[test]
    fn a_function_type_is_no_function() {
        let text = format!("//! A.\nstruct S {{\n    f: fn(u8),\n{}}}\n", "    // x\n".repeat(70));
        assert_eq!(laws("l6f", "crates/model/src/a.rs", &text), []);
    }
}
