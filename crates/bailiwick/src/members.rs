//! Members of a request as flags: `--user-name alice --tags '[{"Key":"team","Value":"red"}]'`.

use prost::Message;
use prost_reflect::{DeserializeOptions, DynamicMessage, SerializeOptions};
use schema::{OperationInfo, Service};
use serde_json::{Map, Value};

/// The operation of a service by its name in the style of the command line, or AWS's.
///
/// # Errors
/// There is none; the message names those that come near.
pub fn find(service: Service, name: &str) -> Result<&'static OperationInfo, String> {
    let wanted = plain(name);
    let all = schema::all_operations().iter().filter(|info| info.service == service);
    let mut near = Vec::new();
    for info in all {
        let known = plain(info.name);
        if known == wanted {
            return Ok(info);
        }
        if known.contains(&wanted) || wanted.contains(&known) {
            near.push(kebab(info.name));
        }
    }
    let hint = if near.is_empty() {
        format!("`bailiwick {} --help` lists all", service.signing_name())
    } else {
        format!("did you mean {}?", near.join(", "))
    };
    Err(format!("{} has no operation `{name}`; {hint}", service.signing_name()))
}

/// The request message, encoded, of flags `--member value`; `--cli-input-json` gives several at once.
///
/// # Errors
/// A flag that is no member, a value that does not fit it.
pub fn request(info: &OperationInfo, arguments: &[String]) -> Result<Vec<u8>, String> {
    let mut members = Map::new();
    let mut arguments = arguments.iter().peekable();
    while let Some(flag) = arguments.next() {
        let name = flag
            .strip_prefix("--")
            .ok_or_else(|| format!("`{flag}` is no flag; write --member value"))?;
        let (name, inline) = match name.split_once('=') {
            Some((name, value)) => (name, Some(value.to_owned())),
            None => (name, None),
        };
        let value = || match inline {
            Some(value) => Some(value),
            None => arguments.next_if(|next| !next.starts_with("--")).cloned(),
        };
        let value = value();
        if name == "cli-input-json" {
            let text = value.ok_or("--cli-input-json needs a value")?;
            let given: Map<String, Value> = serde_json::from_str(&text)
                .map_err(|error| format!("--cli-input-json: {error}"))?;
            members.extend(given);
            continue;
        }
        let (name, value) = member(info, name, value)?;
        members.insert(name, value);
    }
    let message = DynamicMessage::deserialize_with_options(
        info.input.clone(),
        Value::Object(members),
        &DeserializeOptions::new(),
    );
    message
        .map(|message| message.encode_to_vec())
        .map_err(|error| format!("{}: {error}", info.name))
}

fn member(
    info: &OperationInfo,
    flag: &str,
    value: Option<String>,
) -> Result<(String, Value), String> {
    let wanted = plain(flag);
    let negated = wanted.strip_prefix("no").unwrap_or_default();
    let field = info.input.fields().find(|field| plain(field.json_name()) == wanted);
    if let Some(field) = field {
        let name = field.json_name().to_owned();
        return Ok((name, parse(&field, flag, value)?));
    }
    let switch = info.input.fields().find(|field| plain(field.json_name()) == negated);
    match switch {
        Some(field) if field.kind() == prost_reflect::Kind::Bool => {
            Ok((field.json_name().to_owned(), Value::Bool(false)))
        }
        _ => {
            let known: Vec<String> = info
                .input
                .fields()
                .map(|field| format!("--{}", kebab(field.json_name())))
                .collect();
            Err(format!("{} takes no `--{flag}`; it takes {}", kebab(info.name), known.join(" ")))
        }
    }
}

fn parse(
    field: &prost_reflect::FieldDescriptor,
    flag: &str,
    value: Option<String>,
) -> Result<Value, String> {
    use prost_reflect::Kind;
    let Some(text) = value else {
        return match field.kind() {
            Kind::Bool => Ok(Value::Bool(true)),
            _ => Err(format!("--{flag} needs a value")),
        };
    };
    let text = match text.strip_prefix("file://") {
        Some(path) => {
            std::fs::read_to_string(path).map_err(|error| format!("--{flag}: {path}: {error}"))?
        }
        None => text,
    };
    if field.is_list() || field.is_map() {
        return match serde_json::from_str(&text) {
            Ok(value @ (Value::Array(_) | Value::Object(_))) => Ok(value),
            // A list of plain words: --tag-keys team,cost
            _ if field.is_list() && field.kind() == Kind::String => {
                Ok(text.split(',').map(|word| Value::String(word.to_owned())).collect())
            }
            _ => Err(format!(
                "--{flag} takes JSON, such as '[{{\"Key\":\"team\",\"Value\":\"red\"}}]'"
            )),
        };
    }
    match field.kind() {
        Kind::String | Kind::Bytes => Ok(Value::String(text)),
        Kind::Message(_) => serde_json::from_str(&text).or(Ok(Value::String(text))),
        _ => serde_json::from_str(&text).map_err(|_| format!("--{flag}: `{text}` does not fit")),
    }
}

/// An answer as JSON with AWS's member names.
///
/// # Errors
/// It is no answer of the operation.
pub fn answer(info: &OperationInfo, response: &[u8]) -> Result<Value, String> {
    let Some(output) = &info.output else { return Ok(Value::Object(Map::new())) };
    let message =
        DynamicMessage::decode(output.clone(), response).map_err(|error| error.to_string())?;
    let options = SerializeOptions::new().stringify_64_bit_integers(false);
    message
        .serialize_with_options(serde_json::value::Serializer, &options)
        .map_err(|error| error.to_string())
}

fn plain(name: &str) -> String {
    name.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// `CreateUser` as `create-user`; runs of capitals stay together: `ListMFADevices` is `list-mfa-devices`.
pub fn kebab(name: &str) -> String {
    let letters: Vec<char> = name.chars().collect();
    let mut text = String::new();
    for (position, letter) in letters.iter().enumerate() {
        let before = position.checked_sub(1).and_then(|at| letters.get(at));
        let after = letters.get(position + 1);
        let starts = letter.is_ascii_uppercase()
            && before.is_some_and(|before| {
                !before.is_ascii_uppercase()
                    || after.is_some_and(|after| after.is_ascii_lowercase())
            });
        if starts {
            text.push('-');
        }
        text.push(letter.to_ascii_lowercase());
    }
    text
}

#[cfg(test)]
mod tests {
    use schema::iam::v1::CreateUserRequest;

    use super::*;

    fn words(text: &[&str]) -> Vec<String> {
        text.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn flags_become_members() {
        let info = find(Service::Iam, "create-user").unwrap();
        let tags = r#"[{"Key":"team","Value":"red"}]"#;
        let bytes =
            request(info, &words(&["--user-name", "alice", "--path=/a/", "--tags", tags])).unwrap();
        let request = CreateUserRequest::decode(bytes.as_slice()).unwrap();
        assert_eq!((request.user_name.as_str(), request.path()), ("alice", "/a/"));
        assert_eq!(request.tags[0].value, "red");
    }

    #[test]
    fn mistakes_are_explained() {
        let info = find(Service::Iam, "CreateUser").unwrap();
        for (flags, part) in [
            (vec!["user"], "is no flag"),
            (vec!["--name", "x"], "--user-name"),
            (vec!["--user-name"], "needs a value"),
            (vec!["--tags", "x"], "takes JSON"),
        ] {
            let error = request(info, &words(&flags)).unwrap_err();
            assert!(error.contains(part), "{error}");
        }
        assert!(find(Service::Iam, "user").unwrap_err().contains("create-user"));
    }

    #[test]
    fn names_are_written_as_the_aws_cli_writes_them() {
        for (name, wanted) in
            [("CreateUser", "create-user"), ("ListMFADevices", "list-mfa-devices")]
        {
            assert_eq!(kebab(name), wanted);
        }
    }
}
