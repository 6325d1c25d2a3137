//! The rules for files: an opening sentence, no long lines, no `mod.rs`, no huge files.

use std::fs;
use std::path::{Path, PathBuf};

const LINE_MAX: usize = 120;
/// Before the tests of the file.
const LINES_MAX: usize = 450;
const PROTO_LINES_MAX: usize = 400;

/// What breaks a rule below the root's folders of sources.
///
/// # Errors
/// A folder cannot be read.
pub fn check(root: &Path) -> Result<Vec<String>, String> {
    let mut wrong = Vec::new();
    for folder in ["crates", "proto", "tests"] {
        let mut files = Vec::new();
        collect(&root.join(folder), &mut files)?;
        for file in files {
            let text = fs::read_to_string(&file)
                .map_err(|error| format!("{}: {error}", file.display()))?;
            let shown = file.strip_prefix(root).unwrap_or(&file).display().to_string();
            wrong.extend(judge(&shown, &text).into_iter().map(|what| format!("{shown}: {what}")));
        }
    }
    Ok(wrong)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), String> {
    let Ok(entries) = fs::read_dir(folder) else { return Ok(()) };
    for entry in entries {
        let path = entry.map_err(|error| format!("{}: {error}", folder.display()))?.path();
        let extension = path.extension().and_then(|extension| extension.to_str());
        if path.file_name().is_some_and(|name| name == "target") {
            continue;
        }
        if path.is_dir() {
            collect(&path, files)?;
        } else if matches!(extension, Some("rs" | "proto" | "py")) {
            files.push(path);
        }
    }
    Ok(())
}

fn judge(name: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    for (number, line) in text.lines().enumerate() {
        if line.chars().count() > LINE_MAX && !line.contains("://") && !name.contains("/tests/") {
            wrong.push(format!("line {} has more than {LINE_MAX} characters", number + 1));
        }
        if line.ends_with(' ') || line.ends_with('\t') {
            wrong.push(format!("line {} ends in white space", number + 1));
        }
    }
    if name.ends_with(".rs") {
        if !text.starts_with("//!") {
            wrong.push("it does not open with a `//!` sentence".to_owned());
        }
        if name.ends_with("/mod.rs") {
            wrong.push("write `user.rs` beside `user/`, not `user/mod.rs`".to_owned());
        }
        let code = text.lines().take_while(|line| !line.starts_with("#[cfg(test)]")).count();
        if code > LINES_MAX && !name.contains("/tests/") {
            wrong.push(format!(
                "{code} lines before its tests; {LINES_MAX} are enough for one file"
            ));
        }
    }
    if name.ends_with(".proto")
        && text.lines().count() > PROTO_LINES_MAX
        && !name.ends_with("iam.proto")
    {
        wrong.push(format!("more than {PROTO_LINES_MAX} lines: a file per resource"));
    }
    wrong
}

#[cfg(test)]
mod tests {
    use super::judge;

    #[test]
    fn each_rule_finds_its_fault() {
        assert!(judge("crates/a/src/b.rs", "//! Fine.\n").is_empty());
        for (name, text) in [
            ("crates/a/src/b.rs", "fn f() {}\n".to_owned()),
            ("crates/a/src/b.rs", "//! Trailing. \n".to_owned()),
            ("crates/a/src/mod.rs", "//! Old style.\n".to_owned()),
            ("crates/a/src/b.rs", format!("//! {}\n", "x".repeat(120))),
            ("crates/a/src/b.rs", format!("//! Long.\n{}", "x\n".repeat(500))),
        ] {
            assert_eq!(judge(name, &text).len(), 1, "{name}");
        }
    }
}
