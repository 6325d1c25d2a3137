//! Calls as a front door makes them: reading, minting, and what a write needs before it is proposed.

use bytes::Bytes;
use model::{State, v1};
use schema::{Fault, sts};

use crate::table::{self, Handler, Run};
use crate::{Access, Principal, Refused, View, authorize, faults};

/// A request as it comes from a front door, its signature verified.
#[derive(Clone, Debug)]
pub struct Call {
    /// The operation's number in the schema.
    pub operation: u16,
    /// Its request message, encoded.
    pub request: Bytes,
    /// Who asks.
    pub caller: v1::Caller,
    /// What the front door saw of the request.
    pub context: v1::RequestContext,
    /// Now, milliseconds since the Unix epoch.
    pub now_ms: u64,
}

/// A session ready for the front door to add key, secret and birth, and the answer to put them in.
pub struct Minted {
    /// The session.
    pub session: v1::Session,
    response: Bytes,
    deliver: fn(&[u8], sts::v1::Credentials) -> Result<Bytes, Fault>,
}

impl Minted {
    /// The answer with its credentials.
    ///
    /// # Errors
    /// Never for an answer that [`mint`] made.
    pub fn deliver(&self, credentials: sts::v1::Credentials) -> Result<Bytes, Fault> {
        (self.deliver)(&self.response, credentials)
    }
}

/// Answers a reading operation from a state.
///
/// # Errors
/// The fault that AWS answers, with what explains it where policies refuse; `NotImplemented` for planned operations.
pub fn read(state: &State, call: &Call) -> Result<Bytes, Refused> {
    let handler = handler(call)?;
    let Run::Read(fns) = &handler.run else { return Err(faults::malformed_request().into()) };
    let principal = Principal::resolve(state, &call.caller, call.now_ms)?;
    let view = view(state, call, &principal);
    permit(handler, &view, || (fns.needs)(&call.request, &view))?;
    Ok((fns.read)(&call.request, &view)?)
}

/// Whether the caller may make a reading call, judged at this state, whatever the answer would be.
///
/// # Errors
/// As for [`read`], but for what the operation itself finds wrong.
pub fn check_read(state: &State, call: &Call) -> Result<(), Refused> {
    let handler = handler(call)?;
    let Run::Read(fns) = &handler.run else { return Err(faults::malformed_request().into()) };
    let principal = Principal::resolve(state, &call.caller, call.now_ms)?;
    let view = view(state, call, &principal);
    permit(handler, &view, || (fns.needs)(&call.request, &view))
}

/// Mints a session from a state.
///
/// # Errors
/// As for [`read`].
pub fn mint(state: &State, call: &Call) -> Result<Minted, Refused> {
    let handler = handler(call)?;
    let Run::Mint(fns) = &handler.run else { return Err(faults::malformed_request().into()) };
    let principal = Principal::resolve(state, &call.caller, call.now_ms)?;
    let view = view(state, call, &principal);
    permit(handler, &view, || (fns.needs)(&call.request, &view))?;
    let (session, response) = (fns.mint)(&call.request, &view)?;
    Ok(Minted { session, response, deliver: fns.deliver })
}

/// Whether the caller may make a write, judged at this state: what [`crate::apply`] will judge again at the entry's
/// own place. A front door asks before it spends the log's room on a write that will be refused.
///
/// # Errors
/// As for [`read`].
pub fn check_write(state: &State, call: &Call) -> Result<(), Refused> {
    let handler = handler(call)?;
    let Run::Write(fns) = &handler.run else { return Err(faults::malformed_request().into()) };
    let principal = Principal::resolve(state, &call.caller, call.now_ms)?;
    let request = (fns.decode)(&call.request)?;
    let view = view(state, call, &principal);
    permit(handler, &view, || request.needs(&view))
}

/// For a writing operation that makes a secret: the unique id of the owner to seal it for.
///
/// # Errors
/// As for [`read`].
pub fn secret_owner(state: &State, call: &Call) -> Result<Option<String>, Fault> {
    let handler = handler(call)?;
    let Run::Write(fns) = &handler.run else { return Err(faults::malformed_request()) };
    let principal = Principal::resolve(state, &call.caller, call.now_ms)?;
    authorize::admit(handler, &principal)?;
    (fns.decode)(&call.request)?.secret_owner(&view(state, call, &principal))
}

/// Puts a clear secret into the answer of the writing operation that made it.
///
/// # Errors
/// `MalformedInput` for an answer of another operation.
pub fn reveal(operation: u16, response: &[u8], secret: &str) -> Result<Bytes, Fault> {
    match table::handler(operation).map(|handler| &handler.run) {
        Some(Run::Write(fns)) => (fns.reveal)(response, secret),
        _ => Err(faults::malformed_request()),
    }
}

/// Whether a call is permitted; what explains a refusal besides.
fn permit(
    handler: &Handler,
    view: &View<'_>,
    needed: impl FnOnce() -> Result<Vec<Access>, Fault>,
) -> Result<(), Refused> {
    authorize::permit(handler, view, needed).map_err(|refusal| refusal.explained(view))
}

fn handler(call: &Call) -> Result<&'static Handler, Fault> {
    table::handler(call.operation).ok_or_else(|| {
        let name =
            schema::operation_by_index(call.operation).map_or("The operation", |info| info.name);
        faults::not_implemented(name)
    })
}

fn view<'a>(state: &'a State, call: &'a Call, principal: &'a Principal) -> View<'a> {
    View { state, principal, context: &call.context, now_ms: call.now_ms.max(state.time_ms()) }
}
