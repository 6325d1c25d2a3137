//! The table of operations: what proto/ says about each rpc of IAM and STS, read once.

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use prost_reflect::{MessageDescriptor, MethodDescriptor, ServiceDescriptor};

use crate::options::v1 as options;
use crate::shape::{Shape, Shapes};
use crate::{DESCRIPTORS, extension};

/// A service whose methods are operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// Identity and Access Management.
    Iam,
    /// Security Token Service.
    Sts,
    /// IAM Access Analyzer, as far as it is about policies alone.
    AccessAnalyzer,
    /// Our own: accounts and the AWS-named managed policies, for the operator of a cell.
    Admin,
    /// Our own: what a cell writes into its own log. No front door dispatches these.
    Internal,
}

/// What an operation does with the state.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Reads one version of the state.
    Read,
    /// Goes through the replicated log.
    Write,
    /// Makes credentials without a replicated write.
    Mint,
    /// Known and described, but answered with NotImplemented.
    Planned,
}

/// One operation.
#[derive(Debug)]
pub struct OperationInfo {
    /// The service it belongs to.
    pub service: Service,
    /// As AWS spells it: `CreateUser`.
    pub name: &'static str,
    /// As gRPC calls it: `/bailiwick.iam.v1.Iam/CreateUser`.
    pub path: String,
    /// What it does with the state.
    pub kind: Kind,
    /// The IAM action a caller must be allowed: `iam:CreateUser`.
    pub action: String,
    /// What the action is checked against: the tail of an ARN (`user/{UserName}`), a whole ARN
    /// (`{PolicyArn}`) or `*`; braces hold the AWS name of a request member.
    pub resource: String,
    /// The heading documentation lists it under: `Users`.
    pub group: String,
    /// Fault codes AWS documents for it, without those every operation can answer.
    pub faults: Vec<String>,
    /// Answers in pages: takes Marker, and in all cases but one MaxItems.
    pub paged: bool,
    /// Takes no signature: the request itself carries the proof of who asks.
    pub unsigned: bool,
    /// How REST-JSON calls it: `POST /policy/validation`; empty where AWS does not speak it.
    pub rest: String,
    /// The request message.
    pub input: MessageDescriptor,
    /// The response message; `None` where AWS answers without a result element.
    pub output: Option<MessageDescriptor>,
    /// The request, ready for codecs and validation.
    pub request: Arc<Shape>,
    /// The response; `None` where AWS answers without a result element.
    pub response: Option<Arc<Shape>>,
    /// What it does, in a sentence or two.
    pub doc: String,
    /// The number the log knows it by: stable, unique over all services.
    pub index: u16,
}

impl Service {
    /// The services AWS clients talk to with the Query protocol.
    pub const AWS: [Self; 2] = [Self::Iam, Self::Sts];

    /// Every service.
    pub const ALL: [Self; 5] =
        [Self::Iam, Self::Sts, Self::AccessAnalyzer, Self::Admin, Self::Internal];

    /// The value of the `Version` parameter: `2010-05-08`; empty for [`Service::Internal`].
    pub fn version(self) -> &'static str {
        &self.api().version
    }

    /// The namespace of the XML answers.
    pub fn xmlns(self) -> &'static str {
        &self.api().xmlns
    }

    /// The service in a signature's credential scope, and the prefix of its actions: `iam`.
    pub fn signing_name(self) -> &'static str {
        &self.api().signing_name
    }

    /// The service's full protobuf name.
    pub fn full_name(self) -> &'static str {
        match self {
            Self::Iam => "bailiwick.iam.v1.Iam",
            Self::Sts => "bailiwick.sts.v1.Sts",
            Self::AccessAnalyzer => "bailiwick.accessanalyzer.v1.AccessAnalyzer",
            Self::Admin => "bailiwick.admin.v1.Admin",
            Self::Internal => "bailiwick.internal.v1.Internal",
        }
    }

    fn api(self) -> &'static options::Api {
        &TABLE.apis[&self]
    }
}

/// The operations of IAM, then STS, in the order of proto/.
pub fn operations() -> &'static [OperationInfo] {
    &TABLE.operations[..TABLE.aws]
}

/// Those of [`operations`], then Access Analyzer's, then our own.
pub fn all_operations() -> &'static [OperationInfo] {
    &TABLE.operations
}

/// The operation AWS calls `name`.
pub fn operation(service: Service, name: &str) -> Option<&'static OperationInfo> {
    TABLE.by_name.get(&service)?.get(name).map(|&at| &TABLE.operations[at])
}

/// The operation at a gRPC path, for example `/bailiwick.iam.v1.Iam/CreateUser`; never one of
/// [`Service::Internal`], which nobody may call.
pub fn operation_by_path(path: &str) -> Option<&'static OperationInfo> {
    let (service, name) = path.strip_prefix('/')?.split_once('/')?;
    let service = Service::ALL.into_iter().find(|s| s.full_name() == service)?;
    operation(service, name).filter(|operation| operation.service != Service::Internal)
}

/// The operation that REST-JSON calls so, for example `POST` and `/policy/validation`.
pub fn operation_by_rest(method: &str, path: &str) -> Option<&'static OperationInfo> {
    let &at = TABLE.by_rest.get(path)?;
    let operation = &TABLE.operations[at];
    operation.rest.strip_suffix(path)?.trim_end().eq(method).then_some(operation)
}

/// The operation the log knows by this number.
pub fn operation_by_index(index: u16) -> Option<&'static OperationInfo> {
    TABLE.by_index.get(&index).map(|&at| &TABLE.operations[at])
}

struct Table {
    apis: BTreeMap<Service, options::Api>,
    operations: Vec<OperationInfo>,
    /// How many of them, from the first, AWS has.
    aws: usize,
    by_name: BTreeMap<Service, BTreeMap<&'static str, usize>>,
    by_index: BTreeMap<u16, usize>,
    /// By the path of REST-JSON.
    by_rest: BTreeMap<String, usize>,
}

static TABLE: LazyLock<Table> = LazyLock::new(Table::read);

impl Table {
    fn read() -> Self {
        let mut table = Self {
            apis: BTreeMap::new(),
            operations: Vec::new(),
            aws: 0,
            by_name: BTreeMap::new(),
            by_index: BTreeMap::new(),
            by_rest: BTreeMap::new(),
        };
        let mut shapes = Shapes::default();
        for service in Service::ALL {
            let Some(descriptor) = DESCRIPTORS.get_service_by_name(service.full_name()) else {
                continue;
            };
            let api: options::Api = extension(&descriptor.options(), "api").unwrap_or_default();
            for method in descriptor.methods() {
                let operation = read(service, &api, &descriptor, &method, &mut shapes);
                table.push(operation);
            }
            table.apis.insert(service, api);
            if Service::AWS.contains(&service) {
                table.aws = table.operations.len();
            }
        }
        table
    }

    fn push(&mut self, operation: OperationInfo) {
        let at = self.operations.len();
        let earlier = self.by_index.insert(operation.index, at);
        assert!(earlier.is_none(), "index {} stands for two operations", operation.index);
        if let Some((_method, path)) = operation.rest.split_once(' ') {
            self.by_rest.insert(path.to_owned(), at);
        }
        self.by_name.entry(operation.service).or_default().insert(operation.name, at);
        self.operations.push(operation);
    }
}

fn read(
    service: Service,
    api: &options::Api,
    descriptor: &ServiceDescriptor,
    method: &MethodDescriptor,
    shapes: &mut Shapes,
) -> OperationInfo {
    let name: &'static str = method.name().to_owned().leak();
    let option: options::Operation = extension(&method.options(), "operation").unwrap_or_default();
    let action = if option.action.is_empty() {
        format!("{}:{name}", api.signing_name)
    } else {
        option.action.clone()
    };
    let has_result = option.empty_result || method.output().fields().len() > 0;
    let output = has_result.then(|| method.output());
    OperationInfo {
        service,
        name,
        path: format!("/{}/{name}", descriptor.full_name()),
        kind: match option.kind() {
            options::Kind::Read => Kind::Read,
            options::Kind::Write => Kind::Write,
            options::Kind::Mint => Kind::Mint,
            options::Kind::Planned | options::Kind::Unspecified => Kind::Planned,
        },
        action,
        faults: option.faults().map(|code| code.as_str_name().to_owned()).collect(),
        resource: option.resource,
        group: option.group,
        paged: option.paged,
        unsigned: option.unsigned,
        rest: option.rest,
        request: shapes.of(&method.input()),
        response: output.as_ref().map(|message| shapes.of(message)),
        input: method.input(),
        output,
        doc: comment(method),
        index: u16::try_from(option.index).expect("indexes fit the log's 16 bits"),
    }
}

/// The comment above an rpc in its proto file, on one line.
fn comment(method: &MethodDescriptor) -> String {
    let file = method.parent_file();
    let info = file.file_descriptor_proto().source_code_info.as_ref();
    let comment = info
        .and_then(|info| info.location.iter().find(|location| location.path == method.path()))
        .map(|location| location.leading_comments())
        .unwrap_or_default();
    comment.split_whitespace().collect::<Vec<_>>().join(" ")
}
