//! What noise cannot move of decisions; `cargo xtask gate` holds it to recorded figures.
//!
//! `bailiwick-gate` tells allocations, bytes and outcomes of every workload, a line of JSON each;
//! `bailiwick-gate decide WORKLOAD` only decides, for callgrind to count.

mod dice;
mod workload;

use std::hint::black_box;

use policy::{Outcome, Policies, Policy, Request, decide};
use workload::{NAMES, Workload};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            NAMES.into_iter().for_each(|name| println!("{}", figures(&Workload::new(name))));
            Ok(())
        }
        ["decide", name] => {
            decide_all(&Workload::new(name), |_| {});
            Ok(())
        }
        _ => Err("usage: bailiwick-gate [decide WORKLOAD]".to_owned()),
    }
}

/// The function in which instructions are counted: by this name, and never inlined.
#[inline(never)]
fn gated_decision(request: &Request<'_>, policies: &Policies<'_>) -> Outcome {
    decide(request, policies).outcome
}

/// Decides every request once.
fn decide_all(workload: &Workload, mut told: impl FnMut(Outcome)) {
    let sets: Vec<Vec<&Policy>> =
        workload.principals.iter().map(|principal| principal.policies.iter().collect()).collect();
    for asked in &workload.requests {
        let principal = &workload.principals[asked.principal];
        let policies = Policies {
            identity: &sets[asked.principal],
            boundary: principal.boundary.as_ref(),
            ..Policies::default()
        };
        told(gated_decision(black_box(&asked.request(principal)), black_box(&policies)));
    }
}

fn figures(workload: &Workload) -> String {
    let (mut allowed, mut denied) = (0, 0);
    let counted = allocation_counter::measure(|| decide_all(workload, |_| {}));
    // The lists of policies are made before the first decision: one for each principal, and theirs.
    let lists = 1 + workload.principals.len() as u64;
    decide_all(workload, |outcome| match outcome {
        Outcome::Allowed => allowed += 1,
        Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied => denied += 1,
    });
    let kept = allocation_counter::measure(|| {
        let compiled: Vec<Policy> = workload.documents().map(Workload::compiled).collect();
        std::mem::forget(compiled);
    });
    format!(
        r#"{{"workload":"{}","decisions":{},"allowed":{allowed},"denied":{denied},"allocations":{},"bytes_per_principal":{}}}"#,
        workload.name,
        workload.requests.len(),
        counted.count_total - lists,
        kept.bytes_current / workload.principals.len() as i64,
    )
}
