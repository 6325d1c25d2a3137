//! The total order of the crates: each may depend only on those before it.

use serde_json::Value;

/// From the words to the programs (docs/architecture.md).
const ORDER: [&str; 17] = [
    "bailiwick-schema",
    "bailiwick-sigv4",
    "bailiwick-policy",
    "bailiwick-wire",
    "bailiwick-model",
    "bailiwick-ops",
    "bailiwick-lag",
    "bailiwick-fsync",
    "bailiwick-store",
    "bailiwick-cluster",
    "bailiwick-replica",
    "bailiwick-door",
    "bailiwick-client",
    "bailiwick-sim",
    "bailiwick-chaos",
    "bailiwick",
    "xtask",
];

/// Dependencies that go against the order, and crates that are not in it. Tests may depend on anything.
pub fn check(metadata: &Value) -> Vec<String> {
    let mut wrong = Vec::new();
    for package in metadata["packages"].as_array().into_iter().flatten() {
        if !package["source"].is_null() {
            continue;
        }
        let name = package["name"].as_str().unwrap_or_default();
        let Some(place) = ORDER.iter().position(|known| *known == name) else {
            wrong.push(format!(
                "{name}: not in the order of the crates (crates/xtask/src/tidy/order.rs)"
            ));
            continue;
        };
        for dependency in package["dependencies"].as_array().into_iter().flatten() {
            let needed = dependency["name"].as_str().unwrap_or_default();
            let for_tests = dependency["kind"].as_str() == Some("dev");
            let later =
                ORDER.iter().position(|known| *known == needed).is_some_and(|other| other >= place);
            if later && !for_tests {
                wrong.push(format!(
                    "{name} depends on {needed}, which comes after it (docs/architecture.md)"
                ));
            }
        }
    }
    wrong
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn a_dependency_upwards_is_found() {
        let metadata = json!({"packages": [
            {"name": "bailiwick-model", "dependencies": [{"name": "bailiwick-ops", "kind": null}]},
            {"name": "bailiwick-ops", "dependencies": [{"name": "bailiwick-model", "kind": null}]},
        ]});
        assert_eq!(super::check(&metadata).len(), 1);
    }
}
