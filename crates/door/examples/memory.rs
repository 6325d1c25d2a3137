//! A cell in memory behind a door, for trying an SDK against it: prints its endpoint and root key.

use std::io::Write;
use std::sync::Arc;

use cluster::SystemClock;
use door::Options;
use door::testing::Cell;

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let cell = Cell::new(Arc::new(SystemClock::new()));
    let served = cell.serve(Options::default()).await;
    let mut out = std::io::stdout();
    writeln!(out, "export AWS_ENDPOINT_URL=http://{}", served.address)?;
    writeln!(out, "export AWS_ACCESS_KEY_ID={}", cell.root.id)?;
    writeln!(out, "export AWS_SECRET_ACCESS_KEY={}", cell.root.secret)?;
    writeln!(out, "export AWS_DEFAULT_REGION=us-east-1")?;
    out.flush()?;
    std::future::pending().await
}
