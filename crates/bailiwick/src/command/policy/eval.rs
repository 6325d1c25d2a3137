//! `bailiwick policy eval`: decisions on lines of JSON, without a cell.

mod line;

use std::io::{self, BufRead, BufReader, BufWriter, ErrorKind, Write};

use line::Line;
use serde_json::json;

const BUFFER_BYTES: usize = 1 << 20;

/// How many lines were read, and how many of them could not be decided.
#[derive(Default, Debug, PartialEq, Eq)]
struct Tally {
    lines: usize,
    bad: usize,
}

/// Answers standard input on standard output.
///
/// # Errors
/// A line could not be decided (the others are), or the streams fail.
pub fn run(as_json: bool) -> Result<(), String> {
    let input = BufReader::with_capacity(BUFFER_BYTES, io::stdin().lock());
    let output = BufWriter::with_capacity(BUFFER_BYTES, io::stdout().lock());
    match answer(input, output, io::stderr().lock(), as_json) {
        Ok(Tally { bad: 0, .. }) => Ok(()),
        Ok(Tally { lines, bad }) => {
            Err(format!("{bad} of {lines} lines could not be decided; they are named above"))
        }
        // Whoever read the answers has enough of them.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(format!("standard input or output: {error}")),
    }
}

fn answer<R: io::Read>(
    mut input: BufReader<R>,
    mut output: impl Write,
    mut faults: impl Write,
    as_json: bool,
) -> io::Result<Tally> {
    let (mut tally, mut bytes, mut number) = (Tally::default(), Vec::new(), 0_usize);
    loop {
        // A reader that sends one line and waits for its answer must get it.
        if !input.buffer().contains(&b'\n') {
            output.flush()?;
        }
        bytes.clear();
        if input.read_until(b'\n', &mut bytes)? == 0 {
            break;
        }
        number += 1;
        if bytes.trim_ascii().is_empty() {
            continue;
        }
        tally.lines += 1;
        let (id, told) = match Line::read(&bytes) {
            Ok(line) => (line.id, line.tell(&mut output, as_json)?),
            Err(why) => (None, Err(why)),
        };
        if let Err(why) = told {
            tally.bad += 1;
            if as_json {
                writeln!(output, "{}", json!({"id": id, "line": number, "error": why}))?;
            } else {
                writeln!(output, "Error")?;
            }
            writeln!(faults, "line {number}: {why}")?;
        }
    }
    output.flush()?;
    Ok(tally)
}

#[cfg(test)]
mod tests;
