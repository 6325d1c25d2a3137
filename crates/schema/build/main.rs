//! Compiles every file under proto/ into messages, descriptors and the macro over the operations.

#![allow(
    clippy::print_stdout,
    clippy::disallowed_methods,
    reason = "this is how cargo and a build script talk to each other"
)]

use std::error::Error;
use std::path::{Path, PathBuf};
use std::{env, fs};

use protox::Compiler;

mod codes;
mod names;
mod operations;
mod redact;
#[cfg(feature = "grpc")]
mod services;

fn main() -> Result<(), Box<dyn Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    let out = PathBuf::from(env::var("OUT_DIR")?);
    println!("cargo::rerun-if-changed={}", root.display());
    println!("cargo::rerun-if-changed=build");

    let mut compiler = Compiler::new([&root])?;
    compiler.include_source_info(true).include_imports(true).open_files(proto_files(&root)?)?;
    fs::write(out.join("descriptors.bin"), compiler.encode_file_descriptor_set())?;

    let pool = compiler.descriptor_pool();
    let secretive = redact::messages(&pool);
    fs::write(out.join("redact.rs"), redact::implementations(&secretive))?;
    fs::write(out.join("operations.rs"), operations::macro_source(&pool)?)?;
    fs::write(out.join("codes.rs"), codes::constants(&pool)?)?;

    let mut config = prost_build::Config::new();
    config
        .btree_map(["."])
        .bytes(["."])
        .skip_debug(secretive.iter().map(redact::proto_path))
        .include_file("messages.rs");
    #[cfg(feature = "grpc")]
    config.service_generator(Box::new(services::Generator::default()));
    config.compile_fds(compiler.file_descriptor_set())?;
    Ok(())
}

/// Every `.proto` file under `dir`, in the order of their names.
fn proto_files(dir: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for entry in fs::read_dir(dir)? {
        let path = entry?.path();
        if path.is_dir() {
            files.extend(proto_files(&path)?);
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    files.sort();
    Ok(files)
}
