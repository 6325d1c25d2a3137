//! A small handmade model, compared with changed copies of itself and with proto/.

use schema::Service;
use serde_json::{Value, json};

use super::facts::{Facts, difference};
use super::{compare_service, model, proto};

/// A made-up service model of one operation, spelled as IAM's.
fn small() -> Value {
    json!({
        "metadata": {
            "apiVersion": "2010-05-08",
            "endpointPrefix": "iam",
            "xmlNamespace": "https://iam.amazonaws.com/doc/2010-05-08/",
        },
        "operations": {
            "PaintUser": {
                "input": {"shape": "PaintUserRequest"},
                "output": {"shape": "PaintUserResponse"},
                "errors": [{"shape": "WrongColourException"}],
            },
        },
        "shapes": {
            "PaintUserRequest": {
                "type": "structure",
                "required": ["Colour"],
                "members": {
                    "Colour": {"shape": "colourType", "documentation": "words"},
                    "Coats": {"shape": "coatListType"},
                },
            },
            "PaintUserResponse": {
                "type": "structure",
                "members": {"Colour": {"shape": "colourType"}},
            },
            "coatListType": {"type": "list", "member": {"shape": "Coat"}, "max": 3},
            "Coat": {"type": "structure", "members": {"Microns": {"shape": "micronType"}}},
            "micronType": {"type": "integer", "min": 1, "max": 90},
            "colourType": {"type": "string", "enum": ["red", "green"], "max": 9, "pattern": "[a-z]+"},
            "WrongColourException": {
                "type": "structure",
                "members": {},
                "error": {"code": "WrongColour", "httpStatusCode": 418},
            },
        },
    })
}

fn facts(json: &Value) -> Facts {
    let (service, facts) = model::parse(json).expect("a model of IAM");
    assert_eq!(service, Service::Iam);
    facts
}

#[test]
fn a_model_becomes_facts() {
    let facts = facts(&small());
    let value = |fact: &str| facts.get(&format!("iam {fact}")).map(String::as_str);
    assert_eq!(value("PaintUser"), Some(""));
    assert_eq!(value("PaintUser result"), Some(""));
    assert_eq!(value("PaintUser fault WrongColour"), Some(""));
    assert_eq!(value("fault WrongColour"), Some("418"));
    assert_eq!(value("PaintUserRequest.Colour"), Some("string"));
    assert_eq!(value("PaintUserRequest.Colour required"), Some(""));
    assert_eq!(value("PaintUserRequest.Colour max_length"), Some("9"));
    assert_eq!(value("PaintUserRequest.Colour one_of green"), Some(""));
    assert_eq!(value("PaintUserRequest.Coats"), Some("list of Coat"));
    assert_eq!(value("PaintUserRequest.Coats max_length"), Some("3"));
    assert_eq!(value("Coat.Microns max_value"), Some("90"));
    assert_eq!(value("PaintUserResponse.Colour one_of red"), Some(""));
    assert_eq!(value("PaintUserResponse.Colour max_length"), None, "nobody checks answers");
}

#[test]
fn a_model_does_not_differ_from_itself() {
    assert_eq!(difference(&facts(&small()), &facts(&small())), Vec::<String>::new());
}

#[test]
fn every_kind_of_change_shows() {
    let mut newer = small();
    let shapes = &mut newer["shapes"];
    shapes["colourType"]["max"] = json!(12);
    shapes["colourType"]["enum"] = json!(["red", "blue"]);
    shapes["PaintUserRequest"]["required"] = json!([]);
    shapes["PaintUserRequest"]["members"]["Dry"] = json!({"shape": "boolType"});
    shapes["boolType"] = json!({"type": "boolean"});
    shapes["Coat"]["members"] = json!({});
    shapes["WrongColourException"]["error"]["httpStatusCode"] = json!(400);
    newer["operations"]["StripUser"] = json!({"errors": []});
    assert_eq!(
        difference(&facts(&small()), &facts(&newer)),
        [
            "- iam Coat.Microns: integer",
            "- iam Coat.Microns max_value: 90",
            "- iam Coat.Microns min_value: 1",
            "~ iam PaintUserRequest.Colour max_length: 9 -> 12",
            "+ iam PaintUserRequest.Colour one_of blue",
            "- iam PaintUserRequest.Colour one_of green",
            "- iam PaintUserRequest.Colour required",
            "+ iam PaintUserRequest.Dry: boolean",
            "+ iam PaintUserResponse.Colour one_of blue",
            "- iam PaintUserResponse.Colour one_of green",
            "+ iam StripUser",
            "~ iam fault WrongColour: 418 -> 400",
        ]
    );
}

#[test]
fn a_part_of_the_real_model_agrees_with_proto() {
    let part = json!({
        "metadata": {
            "apiVersion": "2011-06-15",
            "endpointPrefix": "sts",
            "xmlNamespace": "https://sts.amazonaws.com/doc/2011-06-15/",
        },
        "operations": {
            "GetAccessKeyInfo": {
                "input": {"shape": "GetAccessKeyInfoRequest"},
                "output": {"shape": "GetAccessKeyInfoResponse"},
            },
        },
        "shapes": {
            "GetAccessKeyInfoRequest": {
                "type": "structure",
                "required": ["AccessKeyId"],
                "members": {"AccessKeyId": {"shape": "accessKeyIdType"}},
            },
            "GetAccessKeyInfoResponse": {
                "type": "structure",
                "members": {"Account": {"shape": "accountType"}},
            },
            "accessKeyIdType": {"type": "string", "min": 16, "max": 128, "pattern": "[\\w]*"},
            "accountType": {"type": "string"},
        },
    });
    let (service, part) = model::parse(&part).expect("a model of STS");
    let lines = compare_service(service, &part);
    let about_it: Vec<_> = lines.iter().filter(|line| line.contains("GetAccessKeyInfo")).collect();
    assert!(about_it.is_empty(), "{about_it:?}");
    assert!(lines.contains(&"- sts AssumeRole".to_owned()), "the rest is missing from the part");
    assert!(proto::facts(service).contains_key("sts AssumeRoleRequest.RoleArn pattern"));
}
