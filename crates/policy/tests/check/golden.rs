//! One file per issue: policies, and every finding about each of them.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use policy::check::{ISSUES, NOT_FOUND, PolicyType, check};

use crate::shown;

fn files() -> Vec<(String, String)> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/check/findings");
    let entries = fs::read_dir(folder).expect("a folder of expected findings");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| entry.expect("an entry").path())
        .map(|path| {
            let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
            (name, fs::read_to_string(path).expect("a text"))
        })
        .collect();
    files.sort();
    files
}

fn policy_type(name: &str) -> PolicyType {
    match name {
        "identity" => PolicyType::Identity,
        "resource" => PolicyType::Resource,
        "scp" => PolicyType::ServiceControl,
        "rcp" => PolicyType::ResourceControl,
        "trust" => PolicyType::Trust,
        _ => panic!("no type of policy: {name}"),
    }
}

/// The file as it would be written today: `=== type: title`, the policy, `---`, its findings.
fn written(text: &str) -> String {
    let sections = text.split("=== ").skip(1).map(|section| {
        let (title, rest) = section.split_once('\n').expect("a title");
        let (policy, _) = rest.split_once("\n---\n").expect("a policy and its findings");
        let (name, _) = title.split_once(": ").expect("a type");
        let findings: String = check(policy, policy_type(name)).iter().map(shown).collect();
        format!("=== {title}\n{policy}\n---\n{findings}")
    });
    sections.collect::<Vec<_>>().join("\n")
}

#[test]
fn every_finding_is_the_expected_one() {
    let wrong: Vec<String> = files()
        .into_iter()
        .filter_map(|(name, text)| {
            let now = written(&text);
            (now != text).then(|| format!("##### {name}\n{now}##### end\n"))
        })
        .collect();
    assert!(wrong.is_empty(), "these files would be written otherwise:\n{}", wrong.concat());
}

#[test]
fn every_issue_has_a_file_that_finds_it() {
    let names: BTreeSet<String> = files().into_iter().map(|(name, _)| name).collect();
    let issues = ISSUES.iter().map(|issue| issue.code.to_owned());
    let expected: BTreeSet<String> = issues.chain(["NONE".to_owned()]).collect();
    assert_eq!(names, expected);
    for (name, text) in files() {
        let finds = text.contains(&format!(" {name}\n"));
        assert_eq!(finds, name != "NONE", "{name}");
    }
}

/// AWS's list has 135 issues: what is not found is named, with the reason.
#[test]
fn no_issue_of_the_list_is_forgotten() {
    let codes =
        ISSUES.iter().map(|issue| issue.code).chain(NOT_FOUND.iter().map(|(code, _)| *code));
    let codes: BTreeSet<&str> = codes.collect();
    assert_eq!(codes.len(), ISSUES.len() + NOT_FOUND.len(), "none stands twice");
    assert_eq!(codes.len(), 135);
}
