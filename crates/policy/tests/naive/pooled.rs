//! Whether a pool says what its policies say one by one.

use super::agree::disagreement;
use policy::{Policies, Policy, Pool, Request, decide};
use std::sync::Arc;

/// In what a pool says other than its policies one by one: all of them in it or some, made so or made so later.
pub fn disagreement_of_pools(request: &Request<'_>, policies: &Policies<'_>) -> Option<String> {
    let expected = decide(request, policies);
    let each: Vec<Arc<Policy>> =
        policies.identity.iter().map(|policy| Arc::new((*policy).clone())).collect();
    let nothing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"},
        {"Effect":"Deny","Action":"*","Resource":"*"},{"Effect":"Deny","Action":"s3:*","Resource":"*"}]}"#;
    let nothing = Arc::new(Policy::load(nothing).expect("a policy"));
    for count in 0..=each.len() {
        let made = Pool::new(each[..count].to_vec());
        let mut replaced = Pool::new(vec![nothing.clone(); count]);
        (0..count).rev().for_each(|at| replaced.replace(at, each[at].clone()));
        let mut half_replaced = Pool::new(each[..count].to_vec());
        (0..count).step_by(2).for_each(|at| half_replaced.replace(at, nothing.clone()));
        (0..count).step_by(2).for_each(|at| half_replaced.replace(at, each[at].clone()));
        for pool in [made, replaced, half_replaced] {
            let policies =
                Policies { pool: Some(&pool), identity: &policies.identity[count..], ..*policies };
            let found = decide(request, &policies);
            if found != expected {
                return Some(format!("{found:?} instead of {expected:?} by {pool:#?}"));
            }
            if let Some(told) = disagreement(request, &policies) {
                return Some(told);
            }
        }
    }
    None
}
