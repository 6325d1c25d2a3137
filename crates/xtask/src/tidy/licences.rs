//! The licences of everything we build with.

use serde_json::Value;

/// Any one of these suffices.
const ALLOWED: [&str; 11] = [
    "MIT",
    "Apache-2.0",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "Unicode-3.0",
    "CC0-1.0",
    "0BSD",
    "Unlicense",
    "MPL-2.0",
];

/// Packages that offer none of the allowed licences.
pub fn check(metadata: &Value) -> Vec<String> {
    let packages = metadata["packages"].as_array().into_iter().flatten();
    packages
        .filter_map(|package| {
            let licence = package["license"].as_str().unwrap_or("none");
            let name = package["name"].as_str().unwrap_or_default();
            (!is_allowed(licence)).then(|| format!("{name}: licence {licence} is not allowed"))
        })
        .collect()
}

fn is_allowed(licence: &str) -> bool {
    let words = licence.split(|c: char| c.is_whitespace() || "()/".contains(c));
    words.map(|word| word.trim_end_matches('+')).any(|word| ALLOWED.contains(&word))
}

#[cfg(test)]
mod tests {
    use super::is_allowed;

    #[test]
    fn one_allowed_licence_suffices() {
        for good in ["MIT", "Apache-2.0 OR GPL-3.0", "MIT/Apache-2.0", "MPL-2.0+"] {
            assert!(is_allowed(good), "{good}");
        }
        for bad in ["AGPL-3.0", "GPL-3.0-only", "none", ""] {
            assert!(!is_allowed(bad), "{bad}");
        }
    }
}
