//! `casbin`: a statement is a rule, matched by functions of ours. Its conditions cost it nothing: whether they hold is
//! looked up in a table made before.

use std::cell::RefCell;
use std::collections::BTreeMap;

use casbin::function_map::OperatorFunction;
use casbin::rhai::Dynamic;
use casbin::{CoreApi, DefaultModel, Enforcer, MemoryAdapter, MgmtApi};
use policy::{Context, glob_matches};

use crate::measure::{Figures, run};
use crate::statement::{Condition, Statement, of_principal};
use crate::workload::Workload;

const MODEL: &str = "
[request_definition]
r = act, obj, ctx
[policy_definition]
p = act, obj, cond, eft
[policy_effect]
e = some(where (p.eft == allow)) && !some(where (p.eft == deny))
[matchers]
m = listed(r.act, p.act) && listed(r.obj, p.obj) && holds(r.ctx, p.cond)
";

thread_local! {
    static HOLDS: RefCell<BTreeMap<String, Vec<bool>>> = const { RefCell::new(BTreeMap::new()) };
}

struct Engine {
    own: Enforcer,
    boundary: Option<Enforcer>,
}

/// Whether any pattern of a list, parted by blanks, matches; the reverse after `! `.
fn listed(text: Dynamic, patterns: Dynamic) -> Dynamic {
    let (text, patterns) = (text.into_string(), patterns.into_string());
    let (Ok(text), Ok(patterns)) = (text, patterns) else { return false.into() };
    let (negated, patterns) = match patterns.strip_prefix("! ") {
        Some(rest) => (true, rest),
        None => (false, patterns.as_str()),
    };
    (patterns.split(' ').any(|pattern| glob_matches(pattern, &text)) != negated).into()
}

fn holds(request: Dynamic, condition: Dynamic) -> Dynamic {
    let (Ok(request), Ok(condition)) = (request.into_string(), condition.into_string()) else {
        return false.into();
    };
    let at: usize = request.parse().unwrap_or(usize::MAX);
    HOLDS
        .with_borrow(|table| {
            table.get(&condition).and_then(|row| row.get(at)).copied().unwrap_or(false)
        })
        .into()
}

pub fn measure(workload: &Workload, sample: usize) -> Figures {
    // Its rows are of the requests of another workload.
    HOLDS.with_borrow_mut(BTreeMap::clear);
    let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
    let contexts: Vec<Context<'static>> = workload.requests[..sample]
        .iter()
        .map(|request| {
            let mut context = Context::new();
            for (key, value) in &request.context {
                context.set(key, value);
            }
            context
        })
        .collect();
    let mut engines = BTreeMap::new();
    for request in &workload.requests[..sample] {
        engines.entry(request.principal).or_insert_with(|| {
            let (own, boundary) = of_principal(workload, request.principal);
            let make = |statements: &[Statement]| runtime.block_on(enforcer(statements, &contexts));
            Engine { own: make(&own), boundary: boundary.as_deref().map(make) }
        });
    }
    let requests: Vec<_> = workload.requests[..sample]
        .iter()
        .enumerate()
        .map(|(at, request)| (at.to_string(), request))
        .collect();
    run(&requests, |(at, request)| {
        let engine = &engines[&request.principal];
        let action = request.action.as_str();
        let says = |enforcer: &Enforcer| {
            enforcer.enforce((action, request.resource.as_str(), at.as_str())).unwrap_or(false)
        };
        let is_allowed = says(&engine.own) && engine.boundary.as_ref().is_none_or(says);
        is_allowed == (request.expect == "Allow")
    })
}

async fn enforcer(statements: &[Statement], contexts: &[Context<'_>]) -> Enforcer {
    let model = DefaultModel::from_str(MODEL).await.expect("a model");
    let mut enforcer = Enforcer::new(model, MemoryAdapter::default()).await.expect("an enforcer");
    enforcer.add_function("listed", OperatorFunction::Arg2(listed));
    enforcer.add_function("holds", OperatorFunction::Arg2(holds));
    for (at, statement) in statements.iter().enumerate() {
        let condition = statement.condition.to_string();
        HOLDS.with_borrow_mut(|table| {
            table.entry(condition.clone()).or_insert_with(|| {
                let condition = Condition::new(&statement.condition);
                contexts.iter().map(|context| condition.holds(context)).collect()
            });
        });
        let not = if statement.negates_actions { "! " } else { "" };
        let effect = if statement.allows { "allow" } else { "deny" };
        let actions = format!("{not}{}", statement.actions.join(" "));
        let rule = vec![actions, statement.resources.join(" "), condition, effect.to_owned()];
        // A rule that is there already says nothing more.
        let _added = enforcer.add_policy(rule).await.unwrap_or_else(|e| panic!("{at}: {e}"));
    }
    enforcer
}
