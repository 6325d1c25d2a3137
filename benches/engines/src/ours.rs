//! This project's engine.

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use policy::{Context, Kind, Outcome, Policies, Policy, Pool, Principal, Request, decide};

use crate::measure::{Figures, percentile};
use crate::workload::Workload;

/// What is ready before the clock runs.
pub struct Ready<'a> {
    workload: &'a Workload,
    policies: BTreeMap<&'a str, Arc<Policy>>,
    contexts: Vec<Context<'static>>,
    /// Keys and roles must consent, which the workload takes for granted.
    consent: Policy,
}

const CONSENT: &str = r#"{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"AWS":["123456789012"]},
    "Action":"*","Resource":"*"}}"#;

/// The policies of a principal.
struct Set<'a> {
    identity: Pool,
    boundary: Option<&'a Policy>,
}

impl<'a> Ready<'a> {
    pub fn new(workload: &'a Workload) -> Self {
        let policies = workload.policies.iter().map(|(name, document)| {
            let policy = Policy::parse(&document.to_string(), Kind::Identity).expect("valid");
            (name.as_str(), Arc::new(policy))
        });
        let contexts = workload.requests.iter().map(|request| {
            let mut context = Context::new();
            for (key, value) in &request.context {
                context.set(key, value);
            }
            context
        });
        let consent = Policy::load(CONSENT).expect("valid");
        Self { workload, policies: policies.collect(), contexts: contexts.collect(), consent }
    }

    fn sets(&self) -> Vec<Set<'_>> {
        let of = |name: &String| &self.policies[name.as_str()];
        let pooled = |names: &[String]| Pool::new(names.iter().map(of).cloned().collect());
        let principals = self.workload.principals.iter();
        principals
            .map(|principal| Set {
                identity: pooled(&principal.policies),
                boundary: principal.boundary.as_ref().map(|name| &**of(name)),
            })
            .collect()
    }

    /// The requests as the engine takes them, each with its principal.
    fn asked(&self) -> Vec<(Request<'_>, u32, bool)> {
        let requests = self.workload.requests.iter().zip(&self.contexts);
        requests
            .map(|(request, context)| {
                let principal = &self.workload.principals[request.principal];
                let asked = Request {
                    principal: Principal::user(&principal.account, &principal.arn, ""),
                    action: &request.action,
                    resource: &request.resource,
                    resource_account: &principal.account,
                    context,
                };
                let asks_resource =
                    request.action.starts_with("kms:") || request.action.starts_with("sts:");
                (asked, request.principal as u32, asks_resource)
            })
            .collect()
    }

    fn ask(&self, asked: &(Request<'_>, u32, bool), sets: &[Set<'_>]) -> Outcome {
        let set = &sets[asked.1 as usize];
        let policies = Policies {
            pool: Some(&set.identity),
            boundary: set.boundary,
            resource: asked.2.then_some(&self.consent),
            ..Policies::default()
        };
        decide(&asked.0, &policies).outcome
    }

    pub fn decisions(&self, rounds: usize) -> Figures {
        let (sets, asked) = (self.sets(), self.asked());
        let mut wrong = 0;
        for (asked, request) in asked.iter().zip(&self.workload.requests) {
            let said = match self.ask(asked, &sets) {
                Outcome::Allowed => "Allow",
                Outcome::ExplicitlyDenied => "ExplicitDeny",
                Outcome::ImplicitlyDenied => "ImplicitDeny",
            };
            // That call asks nobody (STS API reference); the workload's own evaluator does not say so.
            let is_free = request.action == "sts:GetCallerIdentity";
            wrong += usize::from(said != request.expect && !is_free);
        }
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..rounds {
                for asked in &asked {
                    black_box(self.ask(black_box(asked), &sets));
                }
            }
            best = best.min(start.elapsed());
        }
        let each = asked.iter().map(|asked| {
            let start = Instant::now();
            black_box(self.ask(black_box(asked), &sets));
            start.elapsed()
        });
        let p99 = percentile(each.collect(), 99);
        let count = asked.len();
        Figures { mean: best.as_nanos() as f64 / (rounds * count) as f64, p99, wrong, count }
    }

    /// Statements compiled in a second from their text.
    pub fn compiling(&self, rounds: usize) -> f64 {
        let texts: Vec<String> = self.workload.policies.values().map(ToString::to_string).collect();
        let statements: usize = self.policies.values().map(|p| p.statements().len()).sum();
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..rounds {
                for text in &texts {
                    black_box(Policy::parse(black_box(text), Kind::Identity).expect("valid"));
                }
            }
            best = best.min(start.elapsed());
        }
        (statements * rounds) as f64 / best.as_secs_f64()
    }

    /// Nanoseconds to compile one document of a principal anew and decide with it and the others.
    pub fn replacing(&self, rounds: usize) -> f64 {
        let (mut sets, asked) = (self.sets(), self.asked());
        let first = asked[0].1 as usize;
        let names = &self.workload.principals[first].policies;
        let middle = names.len() / 2;
        let text = self.workload.policies[&names[middle]].to_string();
        let mut set = sets.swap_remove(first);
        let mut best = Duration::MAX;
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..rounds {
                let fresh = Policy::parse(black_box(&text), Kind::Identity).expect("valid");
                set.identity.replace(middle, Arc::new(fresh));
                black_box(self.ask(&(asked[0].0, 0, asked[0].2), std::slice::from_ref(&set)));
            }
            best = best.min(start.elapsed());
        }
        best.as_nanos() as f64 / rounds as f64
    }
}
