//! Workloads from a seed: principals with the policies that people have, and requests of theirs.

use policy::{Context, Kind, Policy, Principal, Request};

use crate::dice::Dice;

pub const NAMES: [&str; 3] = ["small", "medium", "large"];
const ACCOUNT: &str = "111122223333";
const SERVICES: [&str; 24] = [
    "xray",
    "ec2",
    "ses",
    "kms",
    "sqs",
    "sns",
    "rds",
    "ecs",
    "eks",
    "logs",
    "glue",
    "athena",
    "lambda",
    "dynamodb",
    "kinesis",
    "firehose",
    "events",
    "states",
    "cloudwatch",
    "cloudtrail",
    "route53",
    "backup",
    "batch",
    "secretsmanager",
];
const VERBS: [&str; 8] = ["Get", "List", "Describe", "Put", "Create", "Update", "Delete", "Tag"];
const NOUNS: [&str; 8] =
    ["Object", "User", "Key", "Queue", "Table", "Function", "Stream", "Secret"];
const TEAMS: [&str; 4] = ["red", "green", "blue", "grey"];

pub struct Workload {
    pub name: &'static str,
    pub principals: Vec<Owner>,
    pub requests: Vec<Asked>,
}

/// A user with its compiled policies.
pub struct Owner {
    arn: String,
    pub policies: Vec<Policy>,
    pub boundary: Option<Policy>,
}

pub struct Asked {
    /// Index of the principal.
    pub principal: usize,
    action: String,
    resource: String,
    context: Context<'static>,
}

impl Asked {
    pub fn request<'a>(&'a self, owner: &'a Owner) -> Request<'a> {
        Request {
            principal: Principal::user(ACCOUNT, &owner.arn, "AIDAGATEGATEGATEGATE"),
            action: &self.action,
            resource: &self.resource,
            resource_account: ACCOUNT,
            context: &self.context,
        }
    }
}

impl Workload {
    /// The workload of that name.
    ///
    /// # Panics
    /// There is none.
    pub fn new(name: &str) -> Self {
        // How many principals, policies of each and statements of a policy.
        let (name, principals, policies, statements) = match name {
            "small" => ("small", 8, 2, 2),
            "medium" => ("medium", 8, 6, 5),
            "large" => ("large", 8, 20, 9),
            other => panic!("there is no workload {other}"),
        };
        let mut dice = Dice(name.len() as u64);
        let principals: Vec<Owner> =
            (0..principals).map(|at| Owner::new(at, policies, statements, &mut dice)).collect();
        let requests = (0..400).map(|_| Asked::new(&principals, &mut dice)).collect();
        Self { name, principals, requests }
    }

    fn compiled(document: &str) -> Policy {
        Policy::parse(document, Kind::Identity).expect("a policy")
    }
}

impl Owner {
    fn new(at: usize, policies: usize, statements: usize, dice: &mut Dice) -> Self {
        let mut documents = vec![document(&[OWN.to_owned()]), document(&[read_only(dice)])];
        for _ in 2..policies {
            let statements: Vec<String> = (0..statements).map(|_| statement(dice)).collect();
            documents.push(document(&statements));
        }
        if policies > 2 {
            documents.push(document(&[REGIONS.to_owned(), NETWORKS.to_owned()]));
        }
        let boundary = (at % 2 == 1).then(|| {
            document(&[r#"{"Effect":"Allow","NotAction":"kms:*","Resource":"*"}"#.to_owned()])
        });
        let boundary = boundary.map(|document| Workload::compiled(&document));
        let compiled = documents.iter().map(|document| Workload::compiled(document)).collect();
        Self { arn: format!("arn:aws:iam::{ACCOUNT}:user/u{at}"), policies: compiled, boundary }
    }
}

const OWN: &str = r#"{"Effect":"Allow","Action":["iam:*AccessKey*","iam:GetUser","iam:ChangePassword"],
    "Resource":"arn:aws:iam::*:user/${aws:username}"}"#;
const REGIONS: &str = r#"{"Effect":"Deny","NotAction":["iam:*","sts:*","route53:*"],"Resource":"*",
    "Condition":{"StringNotEquals":{"aws:RequestedRegion":["eu-west-1","eu-central-1"]}}}"#;
const NETWORKS: &str = r#"{"Effect":"Deny","Action":"*","Resource":"*",
    "Condition":{"NotIpAddress":{"aws:SourceIp":["203.0.113.0/24","2001:db8::/32"]},
                 "Bool":{"aws:ViaAWSService":"false"}}}"#;

fn document(statements: &[String]) -> String {
    format!(r#"{{"Version":"2012-10-17","Statement":[{}]}}"#, statements.join(","))
}

/// Everything may be read of most services.
fn read_only(dice: &mut Dice) -> String {
    let first = dice.below(8);
    let services = SERVICES.iter().skip(first);
    let actions: Vec<String> = services
        .flat_map(|service| {
            ["Get", "List", "Describe"].map(|verb| format!("\"{service}:{verb}*\""))
        })
        .collect();
    format!(r#"{{"Effect":"Allow","Action":[{}],"Resource":"*"}}"#, actions.join(","))
}

fn statement(dice: &mut Dice) -> String {
    let service = dice.of(&SERVICES);
    let action = match dice.below(4) {
        0 => format!("{service}:*"),
        1 => format!("{service}:{}*", dice.of(&VERBS)),
        2 => format!("{service}:*{}*", dice.of(&NOUNS)),
        _ => format!("{service}:{}{}", dice.of(&VERBS), dice.of(&NOUNS)),
    };
    let team = dice.of(&TEAMS);
    let resource = match dice.below(5) {
        0 => "*".to_owned(),
        1 => format!("arn:aws:{service}:*:{ACCOUNT}:{team}/*"),
        2 => format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{team}/${{aws:username}}/*"),
        3 => format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{team}/*-prod/?/*"),
        _ => format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{team}/x"),
    };
    let condition = match dice.below(6) {
        0 => format!(r#","Condition":{{"StringEquals":{{"aws:PrincipalTag/team":"{team}"}}}}"#),
        1 => r#","Condition":{"DateGreaterThan":{"aws:CurrentTime":"2025-01-01T00:00:00Z"}}"#
            .to_owned(),
        2 => r#","Condition":{"ArnLike":{"aws:PrincipalArn":"arn:aws:iam::*:user/u*"}}"#.to_owned(),
        _ => String::new(),
    };
    let effect = if dice.below(8) == 0 { "Deny" } else { "Allow" };
    format!(r#"{{"Effect":"{effect}","Action":"{action}","Resource":"{resource}"{condition}}}"#)
}

impl Asked {
    fn new(principals: &[Owner], dice: &mut Dice) -> Self {
        let principal = dice.below(principals.len());
        let (service, team) = (dice.of(&SERVICES), dice.of(&TEAMS));
        let tail = dice.of(&["x", "u1/a", "u3/b", "a-prod/1/k", "other/thing"]);
        let arn = &principals[principal].arn;
        let mut context = Context::new();
        context.set("aws:username", arn.rsplit('/').next().unwrap_or_default());
        context.set("aws:PrincipalArn", arn);
        context.set("aws:PrincipalTag/team", dice.of(&TEAMS));
        context.set("aws:SourceIp", dice.of(&["203.0.113.9", "203.0.113.10", "198.51.100.1"]));
        context.set("aws:CurrentTime", "2026-01-13T03:33:37Z");
        context.set("aws:SecureTransport", "true");
        context.set("aws:ViaAWSService", "false");
        context.set("aws:RequestedRegion", dice.of(&["eu-west-1", "eu-west-1", "us-east-1"]));
        Self {
            principal,
            action: format!("{service}:{}{}", dice.of(&VERBS), dice.of(&NOUNS)),
            resource: format!("arn:aws:{service}:eu-west-1:{ACCOUNT}:{team}/{tail}"),
            context,
        }
    }
}
