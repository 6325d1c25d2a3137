//! What the worst policy within each limit costs, and what refusing a policy bomb costs: `cargo run --release`.

extern crate alloc;

mod bombs;
#[path = "../../../crates/policy/src/limits/worst.rs"]
mod worst;

use std::hint::black_box;
use std::time::{Duration, Instant};

use policy::{Context, Kind, Policies, Policy, Principal, Request, decide, limits};
use worst::{Limits, Worst};

const ROUNDS: usize = 5;

fn main() {
    let limits = Limits {
        policy: limits::LARGEST_POLICY,
        text: limits::MAX_TEXT,
        values: limits::MAX_CONTEXT_VALUES,
        values_text: limits::MAX_CONTEXT_TEXT,
    };
    println!(
        "{:<32} {:>10} {:>12} {:>12} {:>13}",
        "decision", "characters", "read us", "decide us", "steps at most"
    );
    for worst in worst::all(&limits) {
        let policy = Policy::parse(&worst.document, Kind::Identity).expect("a policy");
        let read =
            best(|| drop(black_box(Policy::parse(black_box(&worst.document), Kind::Identity))));
        let (size, decide) = (policy.size(), deciding(&worst, &policy));
        println!(
            "{:<32} {size:>10} {read:>12.1} {decide:>12.1} {:>13}",
            worst.name, worst.most_steps
        );
    }
    println!("\n{:<32} {:>10} {:>12}", "refusal", "characters", "read us");
    for (name, document) in bombs::all() {
        let refused = || Policy::parse(black_box(&document), Kind::Identity).expect_err("refused");
        let read = best(|| drop(black_box(refused())));
        println!("{name:<32} {:>10} {read:>12.1}  {}", document.chars().count(), refused());
    }
}

/// Microseconds a decision with one policy takes.
fn deciding(worst: &Worst, policy: &Policy) -> f64 {
    let mut context = Context::new();
    for (key, values) in &worst.context {
        match values.as_slice() {
            [value] => context.set(key, value),
            values => context.set_list(key, values),
        };
    }
    let request = Request {
        principal: Principal::user("111122223333", "arn:aws:iam::111122223333:user/a", ""),
        action: &worst.action,
        resource: &worst.resource,
        resource_account: "111122223333",
        context: &context,
    };
    let policies = Policies { identity: &[policy], ..Policies::default() };
    best(|| assert!(!decide(black_box(&request), black_box(&policies)).is_allowed()))
}

/// Microseconds, in the best of several rounds.
fn best(mut work: impl FnMut()) -> f64 {
    let mut best = Duration::MAX;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        work();
        best = best.min(start.elapsed());
    }
    best.as_secs_f64() * 1e6
}
