//! `cargo xtask import`: what a newer AWS service model has that proto/ has not, and the reverse.
//!
//! Both sides become a list of facts (`iam CreateUserRequest.UserName max_length` is `64`); the
//! difference of the lists is the work to do. Exit code 0: none; 1: some; 2: could not compare.

use std::path::Path;
use std::process::ExitCode;

mod facts;
mod model;
mod proto;

use facts::{Facts, difference};

const HELP: &str = "\
cargo xtask import --model <path>

  path  a service-2.json (unpacked) of IAM or STS, or a botocore data folder with both

  +  the model has it, proto/ has not     -  proto/ has it, the model has not     ~  they differ
";

/// Runs the task.
pub fn main(arguments: &[String]) -> ExitCode {
    let path = match arguments {
        [flag, path] if flag == "--model" => Path::new(path),
        [flag] if flag == "--help" || flag == "-h" => {
            print!("{HELP}");
            return ExitCode::SUCCESS;
        }
        _ => {
            eprint!("{HELP}");
            return ExitCode::from(2);
        }
    };
    let lines = match compare(path) {
        Ok(lines) => lines,
        Err(error) => {
            eprintln!("error: {error}");
            return ExitCode::from(2);
        }
    };
    for line in &lines {
        println!("{line}");
    }
    if lines.is_empty() {
        println!("no difference");
        return ExitCode::SUCCESS;
    }
    println!("{} differences", lines.len());
    ExitCode::FAILURE
}

/// The differences between proto/ and the models found at a path.
fn compare(path: &Path) -> Result<Vec<String>, String> {
    let mut lines = Vec::new();
    for file in model::files(path)? {
        let (service, model) = model::read(&file)?;
        lines.extend(compare_service(service, &model));
    }
    Ok(lines)
}

fn compare_service(service: schema::Service, model: &Facts) -> Vec<String> {
    let mut ours = proto::facts(service);
    // We hide more than AWS asks for.
    ours.retain(|fact, _| !fact.ends_with(" secret") || model.contains_key(fact));
    difference(&ours, model)
}

#[cfg(test)]
mod tests;
