//! What the three formats show of one policy.

use policy::check::{PolicyType, check};
use serde_json::{Value, json};

use super::{Checked, human, json, sarif};

const POLICY: &str = r#"{
  "Version": "2012-10-17",
  "Statement": {"Effect": "Allow", "Action": "iam:Creat*Role", "Resource": "arn:aws:s3:::é${"}
}"#;

fn shown(show: impl Fn(&Checked<'_>) -> String) -> String {
    let findings = check(POLICY, PolicyType::Identity);
    show(&Checked { name: "p.json", text: POLICY, findings: &findings })
}

#[test]
fn people_see_the_line_underlined() {
    let expected = r#"error[MISSING_BRACE_IN_VARIABLE]: The variable has no closing brace of its own. Add it: ${key}.
  --> p.json:3:91  Statement.Resource
   |
 3 | …w", "Action": "iam:Creat*Role", "Resource": "arn:aws:s3:::é${"}
   |                                                             ^^

p.json: 1 error
"#;
    assert_eq!(shown(|checked| human::shown(checked, false)), expected);
    let painted = shown(|checked| human::shown(checked, true));
    assert!(painted.starts_with("\x1b[1;31merror\x1b[0m[MISSING"), "{painted}");
    assert!(painted.contains("\x1b[1;31m^^\x1b[0m\n"));
}

#[test]
fn nothing_to_say_is_said() {
    let checked = Checked { name: "-", text: "{}", findings: &[] };
    assert_eq!(human::shown(&checked, true), "-: no findings\n");
}

#[test]
fn programs_see_what_the_service_answers() {
    let value: Value = serde_json::from_str(&shown(json::shown)).expect("JSON");
    let finding = &value["findings"][0];
    assert_eq!(finding["issueCode"], "MISSING_BRACE_IN_VARIABLE");
    assert_eq!(finding["findingType"], "ERROR");
    let path = json!([
        {"value": "Statement"}, {"value": "Resource"}, {"substring": {"start": 14, "length": 2}}
    ]);
    assert_eq!(finding["locations"][0]["path"], path);
    let start = json!({"line": 3, "column": 90, "offset": 119});
    assert_eq!(finding["locations"][0]["span"]["start"], start);
    assert!(
        finding["learnMoreLink"]
            .as_str()
            .expect("a link")
            .ends_with("-error-missing-brace-in-variable")
    );
}

#[test]
fn editors_see_sarif() {
    let value: Value = serde_json::from_str(&shown(sarif::shown)).expect("JSON");
    assert_eq!(value["version"], "2.1.0");
    let run = &value["runs"][0];
    let result = &run["results"][0];
    let index = result["ruleIndex"].as_u64().expect("an index");
    let rule = usize::try_from(index).expect("a small number");
    assert_eq!(run["tool"]["driver"]["rules"][rule]["id"], result["ruleId"]);
    assert_eq!(result["level"], "error");
    let region = json!({"startLine": 3, "startColumn": 91, "endLine": 3, "endColumn": 93});
    assert_eq!(result["locations"][0]["physicalLocation"]["region"], region);
}
