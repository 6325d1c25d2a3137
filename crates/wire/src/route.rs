//! Which operation a form asks for.

use schema::{Fault, OperationInfo, Service};

use crate::{Form, fault::clip};

/// What is repeated of an unknown action or version, in characters.
const SHOWN: usize = 128;

/// Finds the operation by `Action` and `Version`.
///
/// # Errors
/// `MissingAction` without `Action`; `InvalidAction` for an action the version does not have. Both
/// are written without a service ([`encode_fault`](crate::encode_fault)).
pub fn route(form: &Form) -> Result<&'static OperationInfo, Fault> {
    let Some(action) = form.value("Action") else {
        let text = "The request is missing an action or a required parameter.";
        return Err(Fault::new(schema::code::MISSING_ACTION, text));
    };
    let version = form.value("Version");
    Service::AWS
        .into_iter()
        .find(|service| Some(service.version()) == version)
        .and_then(|service| schema::operation(service, action))
        .ok_or_else(|| {
            let (action, version) =
                (clip(action, SHOWN), version.unwrap_or("NO_VERSION_SPECIFIED"));
            let version = clip(version, SHOWN);
            let text = format!("Could not find operation {action} for version {version}");
            Fault::new(schema::code::INVALID_ACTION, text)
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Limits, parse_form};

    fn routed(text: &str) -> Result<&'static str, (String, String)> {
        let form = parse_form(text.as_bytes(), &Limits::default()).expect("good");
        let fault = |fault: Fault| (fault.code.into_owned(), fault.message);
        route(&form).map(|operation| operation.name).map_err(fault)
    }

    #[test]
    fn by_action_and_version() {
        assert_eq!(routed("Action=GetUser&Version=2010-05-08"), Ok("GetUser"));
        assert_eq!(routed("Action=GetCallerIdentity&Version=2011-06-15"), Ok("GetCallerIdentity"));
        assert_eq!(routed("Action=GetUser&Action=No&Version=2010-05-08"), Ok("GetUser"));
    }

    #[test]
    fn what_is_not_there() {
        let missing = "The request is missing an action or a required parameter.".to_string();
        let code = "MissingAction".to_string();
        assert_eq!(routed("Version=2010-05-08"), Err((code, missing)));
        for (text, found) in [
            ("Action=No&Version=2010-05-08", "No for version 2010-05-08"),
            ("Action=GetUser&Version=2011-06-15", "GetUser for version 2011-06-15"),
            ("Action=GetUser", "GetUser for version NO_VERSION_SPECIFIED"),
            ("Action=&Version=", " for version "),
        ] {
            let message = format!("Could not find operation {found}");
            assert_eq!(routed(text), Err(("InvalidAction".to_string(), message)));
        }
    }

    #[test]
    fn long_actions_are_not_repeated_whole() {
        let (_, message) = routed(&format!("Action={}", "a".repeat(10_000))).expect_err("unknown");
        assert!(message.len() < 300);
    }
}
