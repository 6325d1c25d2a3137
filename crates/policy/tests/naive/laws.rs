//! Laws that hold of decisions whatever the policies say.

use super::case::Case;
use super::{compiled, generate};
use policy::{Policies, Policy, Principal, Request, Set, decide, explain};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Where policies stand in a case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Identity,
    Resource,
    Boundary,
    Session,
    Scp,
    Rcp,
}

fn place() -> impl Strategy<Value = Place> {
    use Place::{Boundary, Identity, Rcp, Resource, Scp, Session};
    prop::sample::select(vec![Identity, Resource, Boundary, Session, Scp, Rcp])
}

/// Adds a statement to what there is; false when there is nothing.
fn add(case: &mut Value, place: Place, mut statement: Value) -> bool {
    let policy = match place {
        Place::Identity => case["identityPolicies"].get_mut(0),
        Place::Resource => case.get_mut("resourcePolicy"),
        Place::Boundary => case.get_mut("boundary"),
        Place::Session => case["sessionPolicies"].get_mut(0),
        Place::Scp => case["scps"].get_mut(0).and_then(|level| level.get_mut(0)),
        Place::Rcp => case["rcps"].get_mut(0).and_then(|level| level.get_mut(0)),
    };
    if place != Place::Resource {
        statement.as_object_mut().expect("an object").remove("Principal");
        statement.as_object_mut().expect("an object").remove("NotPrincipal");
    }
    let statements = policy.and_then(|policy| policy.get_mut("Statement")?.as_array_mut());
    statements.map(|statements| statements.push(statement)).is_some()
}

fn reverse(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.reverse();
            items.iter_mut().for_each(reverse);
        }
        Value::Object(members) => members.values_mut().for_each(reverse),
        _ => {}
    }
}

/// What every set says alone.
fn layers(case: &Value) -> Vec<(Set, usize, &'static str)> {
    let layers = Case(case.clone()).ask(|request, policies| explain(request, policies).layers);
    layers.iter().map(|layer| (layer.set, layer.level, layer.outcome.as_str())).collect()
}

fn is_of(place: Place, set: Set) -> bool {
    match place {
        Place::Identity => set == Set::Identity,
        Place::Resource => matches!(set, Set::Resource | Set::Trust),
        Place::Boundary => set == Set::Boundary,
        Place::Session => set == Set::Session,
        Place::Scp => set == Set::Scp,
        Place::Rcp => set == Set::Rcp,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn a_deny_never_allows_more(
        case in generate::case(), place in place(), statement in generate::statement(true)
    ) {
        let before = compiled(&case);
        let (mut after, mut deny) = (case, statement);
        deny["Effect"] = json!("Deny");
        add(&mut after, place, deny);
        let after = compiled(&after);
        prop_assert!(after == before || after == "ExplicitlyDenied", "{before} became {after}");
    }

    #[test]
    fn a_new_policy_of_denies_never_allows_more(
        case in generate::case(), place in place(), policy in generate::policy(true)
    ) {
        let before = compiled(&case);
        let (mut after, mut denies) = (case, policy);
        for statement in denies["Statement"].as_array_mut().expect("a list") {
            statement["Effect"] = json!("Deny");
            if place != Place::Resource {
                statement.as_object_mut().expect("an object").remove("Principal");
                statement.as_object_mut().expect("an object").remove("NotPrincipal");
            }
        }
        match place {
            Place::Identity => after["identityPolicies"].as_array_mut().expect("a list").push(denies),
            Place::Resource if after["resourcePolicy"].is_null() => after["resourcePolicy"] = denies,
            Place::Boundary if after["boundary"].is_null() => after["boundary"] = denies,
            Place::Session if after["sessionPolicies"].is_null() => {
                after["sessionPolicies"] = json!([denies]);
            }
            Place::Scp if after["scps"].is_null() => after["scps"] = json!([[denies]]),
            Place::Rcp if after["rcps"].is_null() => after["rcps"] = json!([[denies]]),
            _ => {}
        }
        let after = compiled(&after);
        prop_assert!(before == "Allowed" || after != "Allowed", "{before} became {after}");
    }

    #[test]
    fn an_allow_never_denies_more_nor_changes_another_layer(
        case in generate::case(), place in place(), statement in generate::statement(true)
    ) {
        let (mut after, mut allow) = (case.clone(), statement);
        allow["Effect"] = json!("Allow");
        add(&mut after, place, allow);
        let (was, is) = (compiled(&case), compiled(&after));
        prop_assert!(was == is || was == "ImplicitlyDenied", "{was} became {is}");
        for (before, after) in layers(&case).into_iter().zip(layers(&after)) {
            prop_assert!(before == after || is_of(place, before.0), "{before:?} became {after:?}");
        }
    }

    #[test]
    fn order_does_not_matter(case in generate::case()) {
        let mut reversed = case.clone();
        for key in ["identityPolicies", "resourcePolicy", "boundary", "sessionPolicies", "scps", "rcps"] {
            reverse(&mut reversed[key]);
        }
        prop_assert_eq!(compiled(&case), compiled(&reversed));
    }

    #[test]
    fn the_case_of_actions_and_keys_does_not_matter(case in generate::case()) {
        let mut shouted = case.clone();
        shouted["action"] = json!(case["action"].as_str().expect("a text").to_uppercase());
        let keys = case["context"].as_object().expect("an object");
        shouted["context"] = keys.iter().map(|(k, v)| (k.to_uppercase(), v.clone())).collect();
        prop_assert_eq!(compiled(&case), compiled(&shouted));
    }

    #[test]
    fn policies_twice_are_policies_once(case in generate::case()) {
        let mut twice = case.clone();
        for key in ["identityPolicies", "sessionPolicies"] {
            if let Some(list) = twice[key].as_array_mut() {
                list.extend(list.clone());
            }
        }
        prop_assert_eq!(compiled(&case), compiled(&twice));
    }

    /// A bound name is worth what the unique id is worth, to the entity and to its namesake.
    #[test]
    fn a_namesake_never_regains_trust(
        policy in generate::policy(true), index in 0..2_usize, is_same in any::<bool>()
    ) {
        const OLD: &str = "AIDAOLDOLDOLDOLDOLD1";
        let arn = ["arn:aws:iam::111122223333:user/alice", "arn:aws:iam::111122223333:user/team/bob"];
        let text = policy.to_string();
        let mut bound = Policy::load(&text).expect("a policy");
        bound.bind(arn[index], OLD);
        let written = Policy::load(&text.replace(&format!("{:?}", arn[index]), &format!("{OLD:?}")));
        let written = written.expect("a policy");
        let id = if is_same { OLD } else { "AIDANEWNEWNEWNEWNEW1" };
        let context = policy::Context::new();
        let outcome = |resource: &Policy| {
            let request = Request {
                principal: Principal::user("111122223333", arn[index], id),
                action: "s3:GetObject",
                resource: "arn:aws:s3:::b/alice/k:1",
                resource_account: "111122223333",
                context: &context,
            };
            decide(&request, &Policies { resource: Some(resource), ..Policies::default() }).outcome
        };
        prop_assert_eq!(outcome(&bound), outcome(&written));
    }
}
