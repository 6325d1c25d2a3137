//! IAM Access Analyzer, as far as it is about policies alone.

mod validate_policy;
