//! The policy simulator: made-up requests, decided by the engine that decides the real ones.
//!
//! Source: IAM API reference, "SimulateCustomPolicy", "SimulatePrincipalPolicy"; IAM User Guide, "IAM policy testing
//! with the IAM policy simulator".

mod caller;
mod entity;
mod entries;
mod get_context_keys_for_custom_policy;
mod get_context_keys_for_principal_policy;
mod handling;
mod outcome;
mod simulate_custom_policy;
mod simulate_principal_policy;
mod subject;
mod sum;
mod trial;

use std::sync::Arc;

use policy::{Kind, Policy};
use schema::Fault;

use crate::faults;

/// A policy of a simulation and how answers name it.
struct Source {
    policy: Arc<Policy>,
    /// `PolicyInputList.1`, `user_alice_inline` or the name of a managed policy, as AWS writes them.
    id: String,
    /// One of the SDK's PolicySourceType: `user`, `aws-managed`, …; `none` for what the request passes.
    kind: &'static str,
}

/// The identity policies that a request passes.
///
/// # Errors
/// `InvalidInput` for one that IAM would not store.
fn passed(list: &str, documents: &[String]) -> Result<Vec<Source>, Fault> {
    let numbered = documents.iter().enumerate();
    let read = numbered.map(|(index, document)| {
        let policy = Policy::parse(document, Kind::Identity)
            .or_else(|refusal| older(document).ok_or(refusal));
        let policy = policy.map_err(|refusal| malformed(list, index, &refusal))?;
        Ok(Source { policy: Arc::new(policy), id: format!("{list}.{}", index + 1), kind: "none" })
    });
    read.collect()
}

/// The permissions boundary that a request passes.
///
/// # Errors
/// `InvalidInput` for more than one, or one that IAM would not store.
fn one_boundary(documents: &[String]) -> Result<Option<Source>, Fault> {
    if documents.len() > 1 {
        return Err(faults::invalid_input("Only one permissions boundary can be simulated."));
    }
    Ok(passed("PermissionsBoundaryPolicyInputList", documents)?.pop())
}

/// A policy in the first version of the language: IAM stores none any more, but it can be simulated.
fn older(document: &str) -> Option<Policy> {
    let newer = document.replace("\"2008-10-17\"", "\"2012-10-17\"");
    Policy::parse(&newer, Kind::Identity).ok()?;
    Policy::load(document).ok()
}

fn malformed(list: &str, index: usize, refusal: &policy::Malformed) -> Fault {
    faults::invalid_input(format!("Invalid {list}.{}: {}", index + 1, refusal.message))
}
