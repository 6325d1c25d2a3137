//! What noise cannot move of decisions; `cargo xtask gate` holds it to recorded figures.
//!
//! `bailiwick-gate` tells allocations, bytes and outcomes of every workload, a line of JSON each;
//! `bailiwick-gate decide WORKLOAD` only decides, for callgrind to count.

mod dice;
mod workload;

use std::hint::black_box;
use std::sync::Arc;

use policy::{Outcome, Policies, Pool, Request, decide};
use workload::{NAMES, Owner, Workload};

fn main() -> Result<(), String> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        [] => {
            NAMES.into_iter().for_each(|name| println!("{}", figures(&Workload::new(name))));
            Ok(())
        }
        ["decide", name] => {
            let workload = Workload::new(name);
            decide_all(&workload, &pools(&workload), |_| {});
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

/// The policies of each principal, indexed as a whole.
fn pools(workload: &Workload) -> Vec<Pool> {
    let of = |owner: &Owner| Pool::new(owner.policies.iter().cloned().map(Arc::new).collect());
    workload.principals.iter().map(of).collect()
}

/// Decides every request once.
fn decide_all(workload: &Workload, pools: &[Pool], mut told: impl FnMut(Outcome)) {
    for asked in &workload.requests {
        let principal = &workload.principals[asked.principal];
        let policies = Policies {
            pool: Some(&pools[asked.principal]),
            boundary: principal.boundary.as_ref(),
            ..Policies::default()
        };
        told(gated_decision(black_box(&asked.request(principal)), black_box(&policies)));
    }
}

fn figures(workload: &Workload) -> String {
    let (mut allowed, mut denied) = (0, 0);
    let pools = pools(workload);
    let counted = allocation_counter::measure(|| decide_all(workload, &pools, |_| {}));
    decide_all(workload, &pools, |outcome| match outcome {
        Outcome::Allowed => allowed += 1,
        Outcome::ExplicitlyDenied | Outcome::ImplicitlyDenied => denied += 1,
    });
    // With copies of the policies in them.
    let kept = allocation_counter::measure(|| std::mem::forget(self::pools(workload)));
    format!(
        r#"{{"workload":"{}","decisions":{},"allowed":{allowed},"denied":{denied},"allocations":{},"bytes_per_principal":{}}}"#,
        workload.name,
        workload.requests.len(),
        counted.count_total,
        kept.bytes_current / workload.principals.len() as i64,
    )
}
