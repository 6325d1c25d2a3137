//! The table of operations: the schema's, each bound to the message that does it.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use bytes::Bytes;
use model::v1;
use prost::Message;
use schema::{Fault, sts};

use crate::operation::{Mint, Operation, Read, Write};
use crate::{Access, Txn, View, faults};

/// An operation as the dispatcher sees it.
pub struct Handler {
    /// `CreateUser`
    pub name: &'static str,
    /// `iam:CreateUser`
    pub action: String,
    /// Who may call it at all.
    pub callers: Callers,
    /// What it does.
    pub run: Run,
}

/// Who may call an operation at all.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Callers {
    /// Principals of accounts, as their policies allow.
    Principals,
    /// The operator's credential alone.
    Operator,
    /// The cell itself alone.
    System,
}

/// What an operation does.
pub enum Run {
    /// Answers from a view.
    Read(ReadFns),
    /// Goes through the log.
    Write(WriteFns),
    /// Mints credentials from a view.
    Mint(MintFns),
}

/// A reading operation on encoded messages.
pub struct ReadFns {
    pub(crate) needs: fn(&[u8], &View<'_>) -> Result<Vec<Access>, Fault>,
    pub(crate) read: fn(&[u8], &View<'_>) -> Result<Bytes, Fault>,
}

type DecodeFn = fn(&[u8]) -> Result<Box<dyn DynWrite>, Fault>;
type MintFn = fn(&[u8], &View<'_>) -> Result<(v1::Session, Bytes), Fault>;

/// A writing operation on encoded messages.
pub struct WriteFns {
    pub(crate) decode: DecodeFn,
    pub(crate) reveal: fn(&[u8], &str) -> Result<Bytes, Fault>,
}

/// A minting operation on encoded messages.
pub struct MintFns {
    pub(crate) needs: fn(&[u8], &View<'_>) -> Result<Vec<Access>, Fault>,
    pub(crate) mint: MintFn,
    pub(crate) deliver: fn(&[u8], sts::v1::Credentials) -> Result<Bytes, Fault>,
}

/// A decoded writing request.
pub(crate) trait DynWrite {
    fn needs(&self, view: &View<'_>) -> Result<Vec<Access>, Fault>;
    fn secret_owner(&self, view: &View<'_>) -> Result<Option<String>, Fault>;
    fn write(&self, txn: &mut Txn<'_>) -> Result<Bytes, Fault>;
}

impl<O: Write> DynWrite for O {
    fn needs(&self, view: &View<'_>) -> Result<Vec<Access>, Fault> {
        needs(self, view)
    }

    fn secret_owner(&self, view: &View<'_>) -> Result<Option<String>, Fault> {
        Write::secret_owner(self, view)
    }

    fn write(&self, txn: &mut Txn<'_>) -> Result<Bytes, Fault> {
        Write::write(self, txn).map(|response| encode(&response))
    }
}

fn decode<M: Message + Default>(bytes: &[u8]) -> Result<M, Fault> {
    M::decode(bytes).map_err(|_| faults::malformed_request())
}

fn needs(request: &impl Operation, view: &View<'_>) -> Result<Vec<Access>, Fault> {
    request.check(view)?;
    Ok(request.access(view))
}

fn encode(message: &impl Message) -> Bytes {
    message.encode_to_vec().into()
}

/// Binds a reading operation.
pub(crate) fn reads<O: Read>() -> Run {
    Run::Read(ReadFns {
        needs: |bytes, view| needs(&decode::<O>(bytes)?, view),
        read: |bytes, view| Ok(encode(&decode::<O>(bytes)?.read(view)?)),
    })
}

/// Binds a writing operation.
pub(crate) fn writes<O: Write + 'static>() -> Run {
    Run::Write(WriteFns {
        decode: |bytes| Ok(Box::new(decode::<O>(bytes)?)),
        reveal: |response, secret| {
            let mut response = decode::<O::Response>(response)?;
            O::reveal(&mut response, secret);
            Ok(encode(&response))
        },
    })
}

/// Binds a minting operation.
pub(crate) fn mints<O: Mint>() -> Run {
    Run::Mint(MintFns {
        needs: |bytes, view| needs(&decode::<O>(bytes)?, view),
        mint: |bytes, view| {
            let (session, response) = decode::<O>(bytes)?.mint(view)?;
            Ok((session, encode(&response)))
        },
        deliver: |response, credentials| {
            let mut response = decode::<O::Response>(response)?;
            O::deliver(&mut response, credentials);
            Ok(encode(&response))
        },
    })
}

/// The operation of a number; `None` for planned and unknown ones.
pub fn handler(index: u16) -> Option<&'static Handler> {
    TABLE.get(&index)
}

/// The message of an implemented operation knows its number in the schema.
pub trait Indexed {
    /// The number that the log knows the operation by.
    const INDEX: u16;

    /// [`Indexed::INDEX`] of a value.
    fn index(&self) -> u16 {
        Self::INDEX
    }
}

// An operation marked READ, WRITE or MINT in proto/ that has no implementation does not compile here.
macro_rules! bind {
    ($({ $service:ident $name:ident $request:ident $response:ident $kind:ident $index:literal })*) => {
        fn from_schema() -> BTreeMap<u16, Handler> {
            BTreeMap::from([$((
                $index,
                Handler {
                    name: stringify!($name),
                    action: concat!(stringify!($service), ":", stringify!($name)).to_owned(),
                    callers: callers(stringify!($service)),
                    run: bind!(@run $kind schema::$service::v1::$request),
                },
            )),*])
        }

        $(impl Indexed for schema::$service::v1::$request {
            const INDEX: u16 = $index;
        })*
    };
    (@run Read $request:path) => { reads::<$request>() };
    (@run Write $request:path) => { writes::<$request>() };
    (@run Mint $request:path) => { mints::<$request>() };
}

fn callers(service: &str) -> Callers {
    match service {
        "admin" => Callers::Operator,
        "internal" => Callers::System,
        _ => Callers::Principals,
    }
}

schema::for_each_operation!(bind);

static TABLE: LazyLock<BTreeMap<u16, Handler>> = LazyLock::new(from_schema);
