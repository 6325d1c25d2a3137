//! `cargo xtask docs`: writes docs/status.md, what is implemented and what is planned, from proto/.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::fs;

use schema::{Kind, OperationInfo, Service};

use crate::run::root;

/// Writes docs/status.md, which git does not keep.
///
/// # Errors
/// The file cannot be written.
pub fn docs() -> Result<(), String> {
    let path = root().join("docs/status.md");
    fs::write(&path, status()).map_err(|error| format!("{}: {error}", path.display()))?;
    println!("wrote docs/status.md");
    Ok(())
}

/// Checks that the status can be made.
///
/// # Errors
/// It leaves an rpc out.
pub fn check() -> Result<(), String> {
    let text = status();
    let rpcs =
        schema::DESCRIPTORS.services().flat_map(|service| service.methods().collect::<Vec<_>>());
    for rpc in rpcs {
        if !text.contains(&format!("| {} |", rpc.name())) {
            return Err(format!("docs/status.md would leave {} out", rpc.full_name()));
        }
    }
    Ok(())
}

fn status() -> String {
    let all = schema::operations();
    let done = all.iter().filter(|info| info.kind != Kind::Planned).count();
    let mut text = format!(
        "# Status of the operations\n\nMade by `cargo xtask docs` from proto/. Of IAM and STS {done} of {} are \
         implemented; planned ones answer `NotImplemented` (HTTP 501).\n",
        all.len()
    );
    let mut groups: BTreeMap<(&str, &str), Vec<&OperationInfo>> = BTreeMap::new();
    for info in all {
        groups.entry((info.service.signing_name(), info.group.as_str())).or_default().push(info);
    }
    for ((service, group), operations) in groups {
        let rows = operations.into_iter().map(|info| (info.name.to_owned(), is_done(info.kind)));
        section(&mut text, &format!("{service}: {group}"), rows);
    }
    let others = schema::DESCRIPTORS.services();
    for service in
        others.filter(|other| !Service::AWS.iter().any(|aws| aws.full_name() == other.full_name()))
    {
        // What is no operation of the table is answered by code of its own.
        let rows = service.methods().map(|rpc| {
            let path = format!("/{}/{}", service.full_name(), rpc.name());
            let info = schema::all_operations().iter().find(|info| info.path == path);
            (rpc.name().to_owned(), info.is_none_or(|info| is_done(info.kind)))
        });
        section(&mut text, service.full_name(), rows);
    }
    text
}

fn is_done(kind: Kind) -> bool {
    kind != Kind::Planned
}

fn section(text: &mut String, heading: &str, rows: impl Iterator<Item = (String, bool)>) {
    let _ = write!(text, "\n## {heading}\n\n| operation | status |\n|---|---|\n");
    for (name, is_done) in rows {
        let status = if is_done { "implemented" } else { "planned" };
        let _ = writeln!(text, "| {name} | {status} |");
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn every_service_is_listed() {
        super::check().expect("every rpc has a line");
        let text = super::status();
        for heading in [
            "## iam: Users",
            "## bailiwick.accessanalyzer.v1.AccessAnalyzer",
            "## bailiwick.admin.v1.Admin",
            "## bailiwick.authz.v1.Authorization",
            "## bailiwick.cluster.v1.Cluster",
        ] {
            assert!(text.contains(heading), "{heading}");
        }
        let section = text.split("## bailiwick.authz.v1.Authorization").nth(1).expect("its text");
        for name in ["Decide", "BatchDecide", "Explain"] {
            assert!(section.contains(&format!("| {name} | implemented |")), "{name}");
        }
    }
}
