//! Lines in, answers out.

use super::*;

const ALLOW: &str = r#"{"id":"a","principal":"arn:aws:iam::111122223333:user/alice","action":"s3:GetObject",
    "resource":"arn:aws:s3:::b/k","resourceAccount":"111122223333","context":{},
    "identityPolicies":[{"Version":"2012-10-17","Statement":{"Sid":"S1","Effect":"EFFECT","Action":"s3:*",
    "Resource":"*"}}]}"#;

fn line(effect: &str) -> String {
    ALLOW.replace('\n', "").replace("EFFECT", effect)
}

fn answers(input: &str, as_json: bool) -> (Vec<String>, String, Tally) {
    let (mut output, mut faults) = (Vec::new(), Vec::new());
    let input = BufReader::new(input.as_bytes());
    let tally = answer(input, &mut output, &mut faults, as_json).expect("streams in memory");
    let text = |bytes| String::from_utf8(bytes).expect("text");
    (text(output).lines().map(str::to_owned).collect(), text(faults), tally)
}

#[test]
fn a_decision_for_every_line() {
    let input = [line("Allow"), line("Deny"), line("Allow").replace("s3:*", "ec2:*")].join("\n");
    let (lines, faults, tally) = answers(&input, false);
    assert_eq!(lines, ["Allowed", "ExplicitlyDenied", "ImplicitlyDenied"]);
    assert_eq!((faults.as_str(), tally), ("", Tally { lines: 3, bad: 0 }));
}

#[test]
fn a_bad_line_is_named_and_the_others_are_answered() {
    let bad_policy = line("Allow").replace("\"Effect\":\"Allow\"", "\"Effect\":\"allow\"");
    let twice = line("Allow").replace("\"Sid\":\"S1\"", "\"Action\":\"ec2:*\"");
    let caller = line("Allow").replace("user/alice", "group/g");
    let input =
        format!("{}\n\n{{\n{bad_policy}\n{twice}\n{caller}\n{}\n", line("Allow"), line("Deny"));
    let (lines, faults, tally) = answers(&input, false);
    assert_eq!(lines, ["Allowed", "Error", "Error", "Error", "Error", "ExplicitlyDenied"]);
    assert_eq!(tally, Tally { lines: 6, bad: 4 });
    for said in [
        "line 3: EOF while parsing",
        "line 4: identityPolicies[0]: Syntax errors in policy.",
        "line 5: identityPolicies[0]: Syntax errors in policy. (a member name twice)",
        "line 6: principal \"arn:aws:iam::111122223333:group/g\" is no caller",
    ] {
        assert!(faults.contains(said), "{said} in {faults}");
    }
}

#[test]
fn json_tells_who_decided() {
    let silent = line("Allow").replace("s3:*", "ec2:*");
    let caller = line("Allow").replace("user/alice", "group/g");
    let input = [line("Deny"), silent, line("Allow"), "nonsense".to_owned(), caller].join("\n");
    let (lines, ..) = answers(&input, true);
    let read = |n: usize| serde_json::from_str::<serde_json::Value>(&lines[n]).expect("JSON");
    let user = "User: arn:aws:iam::111122223333:user/alice is not authorized to perform: \
                s3:GetObject on resource: arn:aws:s3:::b/k";
    assert_eq!(
        read(0),
        json!({"id": "a", "decision": "ExplicitlyDenied", "policyKind": "identity", "level": 0,
            "policy": 0, "statement": 0, "sid": "S1",
            "reason": format!("{user} with an explicit deny in an identity-based policy")})
    );
    let reason = format!("{user} because no identity-based policy allows the s3:GetObject action");
    assert_eq!(read(1)["reason"], json!(reason));
    assert_eq!(read(1)["statement"], json!(null));
    assert_eq!(read(2)["reason"], json!(null));
    assert_eq!((&read(3)["id"], &read(3)["line"]), (&json!(null), &json!(4)));
    assert_eq!((&read(4)["id"], &read(4)["line"]), (&json!("a"), &json!(5)));
}

#[test]
fn context_values_are_texts_or_lists() {
    let with = |context: &str| line("Allow").replace("\"context\":{}", context);
    let condition = r#""Resource":"*","Condition":{"NumericEquals":{"k":1.50}}}"#;
    let asked = |context: &str| {
        let line = with(context).replace("\"Resource\":\"*\"}", condition);
        answers(&line, false).0.remove(0)
    };
    assert_eq!(asked(r#""context":{"K":"1.5"}"#), "Allowed");
    assert_eq!(asked(r#""context":{"k":1.5}"#), "Allowed");
    assert_eq!(asked(r#""context":{"k":null}"#), "ImplicitlyDenied");
    assert_eq!(asked(r#""context":{"k":["1.5"]}"#), "ImplicitlyDenied");
    assert_eq!(asked(r#""context":{"k":{}}"#), "Error");
    assert_eq!(asked(r#""context":null"#), "ImplicitlyDenied");
}
