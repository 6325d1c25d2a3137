//! Answers on standard output: JSON for machines, plain lines for people.

use std::fmt;
use std::io::{ErrorKind, Write, stdout};

use serde_json::Value;

/// `println!` for answers: see [`line()`].
macro_rules! say {
    ($($what:tt)*) => { $crate::output::line(format_args!($($what)*)) };
}
pub(crate) use say;

/// Prints a line. When nobody reads on (`bailiwick … | head -1`), the program has done its work and ends.
pub fn line(what: fmt::Arguments<'_>) {
    match writeln!(stdout().lock(), "{what}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => std::process::exit(0),
        Err(error) => eprintln!("error: standard output: {error}"),
        Ok(()) => {}
    }
}

/// Prints a value as JSON on several lines.
pub fn json(value: &Value) {
    say!("{value:#}");
}

/// Prints a table with aligned columns.
pub fn table(header: &[&str], rows: &[Vec<String>]) {
    let mut widths: Vec<usize> = header.iter().map(|cell| cell.chars().count()).collect();
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let line = |cells: &mut dyn Iterator<Item = &str>| {
        let padded: Vec<String> =
            cells.zip(&widths).map(|(cell, width)| format!("{cell:<width$}")).collect();
        say!("{}", padded.join("  ").trim_end());
    };
    line(&mut header.iter().copied());
    for row in rows {
        line(&mut row.iter().map(String::as_str));
    }
}
