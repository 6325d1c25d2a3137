//! One line: a request and the policies that apply to it.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::{self, Write};

use policy::{Context, Decision, Policies, Policy, Principal, Reason, Request, Set};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// A line as it is written. Policies keep their text: repeated members are refused, numbers mean what they look like.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Line<'a> {
    #[serde(borrow, default)]
    pub id: Option<&'a RawValue>,
    #[serde(borrow)]
    principal: Cow<'a, str>,
    #[serde(borrow)]
    action: Cow<'a, str>,
    #[serde(borrow)]
    resource: Cow<'a, str>,
    #[serde(borrow)]
    resource_account: Cow<'a, str>,
    #[serde(borrow, default)]
    context: Option<BTreeMap<Cow<'a, str>, &'a RawValue>>,
    #[serde(borrow, default)]
    identity_policies: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    resource_policy: Option<&'a RawValue>,
    #[serde(borrow, default)]
    boundary: Option<&'a RawValue>,
    #[serde(borrow, default)]
    session_policies: Option<Vec<&'a RawValue>>,
    #[serde(borrow, default)]
    scps: Option<Vec<Vec<&'a RawValue>>>,
    #[serde(borrow, default)]
    rcps: Option<Vec<Vec<&'a RawValue>>>,
}

/// The policies of a line, compiled.
struct Loaded {
    identity: Vec<Policy>,
    resource: Option<Policy>,
    boundary: Option<Policy>,
    session: Vec<Policy>,
    scps: Vec<Vec<Policy>>,
    rcps: Vec<Vec<Policy>>,
}

impl<'a> Line<'a> {
    /// Reads a line.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn read(bytes: &'a [u8]) -> Result<Self, String> {
        let text = std::str::from_utf8(bytes).map_err(|error| format!("not UTF-8: {error}"))?;
        // Every line is line 1 to the reader, which says so; only its column helps.
        serde_json::from_str(text).map_err(|error| error.to_string().replace("line 1 ", ""))
    }

    /// Writes the decision. The inner error is what is wrong with the line.
    pub fn tell(&self, output: &mut impl Write, as_json: bool) -> io::Result<Result<(), String>> {
        let answer = match self.decide(as_json) {
            Ok(answer) => answer,
            Err(why) => return Ok(Err(why)),
        };
        writeln!(output, "{answer}").map(Ok)
    }

    fn decide(&self, as_json: bool) -> Result<String, String> {
        let principal = Principal::from_name(&self.principal)
            .ok_or_else(|| format!("principal {:?} is no caller", self.principal))?;
        let context = self.context()?;
        let loaded = self.load()?;
        let request = Request {
            principal,
            action: &self.action,
            resource: &self.resource,
            resource_account: &self.resource_account,
            context: &context,
        };
        let decision = loaded.decide(&request);
        if !as_json {
            return Ok(decision.outcome.as_str().to_owned());
        }
        let Reason { set, level, policy, statement } = decision.reason;
        let sid = loaded.decider(&decision).and_then(|policy| {
            policy.statements().nth(statement?).and_then(|view| view.sid.map(str::to_owned))
        });
        Ok(json!({
            "id": self.id, "decision": decision.outcome.as_str(), "policyKind": set.as_str(),
            "level": level, "policy": policy, "statement": statement, "sid": sid,
            "reason": decision.message(&request, None),
        })
        .to_string())
    }

    fn context(&self) -> Result<Context<'static>, String> {
        let mut context = Context::new();
        for (key, value) in self.context.iter().flatten() {
            let wrong = || format!("context key {key} is neither a text nor a list of texts");
            let text = value.get();
            if text.starts_with('[') {
                let values: Vec<&RawValue> = serde_json::from_str(text).map_err(|_| wrong())?;
                let values: Option<Vec<String>> =
                    values.into_iter().map(|value| scalar(value.get())).collect();
                context.set_list(key, values.ok_or_else(wrong)?);
            } else if text != "null" {
                context.set(key, scalar(text).ok_or_else(wrong)?);
            }
        }
        Ok(context)
    }

    fn load(&self) -> Result<Loaded, String> {
        Ok(Loaded {
            identity: list("identityPolicies", self.identity_policies.as_deref())?,
            resource: one("resourcePolicy", self.resource_policy)?,
            boundary: one("boundary", self.boundary)?,
            session: list("sessionPolicies", self.session_policies.as_deref())?,
            scps: levels("scps", self.scps.as_deref())?,
            rcps: levels("rcps", self.rcps.as_deref())?,
        })
    }
}

impl Loaded {
    fn decide(&self, request: &Request<'_>) -> Decision {
        let identity: Vec<&Policy> = self.identity.iter().collect();
        let session: Vec<&Policy> = self.session.iter().collect();
        let scps: Vec<Vec<&Policy>> =
            self.scps.iter().map(|level| level.iter().collect()).collect();
        let rcps: Vec<Vec<&Policy>> =
            self.rcps.iter().map(|level| level.iter().collect()).collect();
        let scps: Vec<&[&Policy]> = scps.iter().map(Vec::as_slice).collect();
        let rcps: Vec<&[&Policy]> = rcps.iter().map(Vec::as_slice).collect();
        policy::decide(
            request,
            &Policies {
                identity: &identity,
                resource: self.resource.as_ref(),
                boundary: self.boundary.as_ref(),
                session: Some(&session),
                scps: &scps,
                rcps: &rcps,
                pool: None,
            },
        )
    }

    /// The policy whose statement decided.
    fn decider(&self, decision: &Decision) -> Option<&Policy> {
        let Reason { set, level, policy, .. } = decision.reason;
        let policy = policy?;
        match set {
            Set::Identity => self.identity.get(policy),
            Set::Session => self.session.get(policy),
            Set::Boundary => self.boundary.as_ref(),
            Set::Resource | Set::Trust => self.resource.as_ref(),
            Set::Scp => self.scps.get(level)?.get(policy),
            Set::Rcp => self.rcps.get(level)?.get(policy),
            Set::Root | Set::Always => None,
        }
    }
}

/// A number or Boolean means its text.
fn scalar(text: &str) -> Option<String> {
    match text.as_bytes().first()? {
        b'"' => serde_json::from_str(text).ok(),
        b'{' | b'[' | b'n' => None,
        _ => Some(text.to_owned()),
    }
}

fn one(place: &str, document: Option<&RawValue>) -> Result<Option<Policy>, String> {
    document
        .map(|document| {
            Policy::load(document.get()).map_err(|refusal| format!("{place}: {refusal}"))
        })
        .transpose()
}

fn list(place: &str, documents: Option<&[&RawValue]>) -> Result<Vec<Policy>, String> {
    let documents = documents.unwrap_or_default().iter().enumerate();
    documents
        .map(|(index, document)| {
            Policy::load(document.get()).map_err(|refusal| format!("{place}[{index}]: {refusal}"))
        })
        .collect()
}

fn levels(place: &str, levels: Option<&[Vec<&RawValue>]>) -> Result<Vec<Vec<Policy>>, String> {
    let levels = levels.unwrap_or_default().iter().enumerate();
    levels.map(|(index, level)| list(&format!("{place}[{index}]"), Some(level))).collect()
}
