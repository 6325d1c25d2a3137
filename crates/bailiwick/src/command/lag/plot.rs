//! Two cumulative curves as text.

use lag::{Distribution, Fit};

const COLUMNS: u32 = 60;
const ROWS: u32 = 11;

/// The declared curve (`·`), the measured one (`o`), and where they meet (`●`), over the delay.
pub(super) fn curves(law: &Distribution, fit: &Fit) -> String {
    let longest_us = law.quantile(0.99).max(fit.quantile(1.0)).max(1_000);
    let row_of = |share: f64| (share * f64::from(ROWS - 1)).round() as u32;
    let columns: Vec<(u32, u32)> = (0..=COLUMNS)
        .map(|column| longest_us * u64::from(column) / u64::from(COLUMNS))
        .map(|at_us| (row_of(law.cdf(at_us as f64)), row_of(fit.cdf(at_us))))
        .collect();
    let mut text = String::new();
    for row in (0..ROWS).rev() {
        let share = f64::from(row) / f64::from(ROWS - 1);
        let line: String = columns
            .iter()
            .map(|(declared, measured)| match (*declared == row, *measured == row) {
                (true, true) => '●',
                (true, false) => '·',
                (false, true) => 'o',
                (false, false) => ' ',
            })
            .collect();
        text.push_str(&format!("{share:>4.1} |{}\n", line.trim_end()));
    }
    let end = format!("{:.1} s", longest_us as f64 / 1e6);
    let width = usize::try_from(COLUMNS).unwrap_or_default();
    text.push_str(&format!("     +{}\n", "-".repeat(width + 1)));
    text.push_str(&format!("      0{end:>width$}   · declared  o measured  ● both"));
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn curves_that_agree_cover_each_other() {
        let law = Distribution::Uniform { min_us: 0, max_us: 1_000_000 };
        let measured: Vec<u64> = (1..=100).map(|n| n * 10_000).collect();
        let text = curves(&law, &Fit::new(&law, &measured, 0));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 13);
        assert!(lines[0].starts_with(" 1.0 |") && lines[0].ends_with('●'), "{text}");
        assert!(lines[10].starts_with(" 0.0 |●"), "{text}");
        assert!(lines[..11].concat().matches(['o', '·']).count() < 8, "{text}");
        assert!(lines[12].contains("1.0 s"), "{text}");
    }

    #[test]
    fn curves_that_differ_are_both_there() {
        let law = Distribution::Fixed { delay_us: 1_000_000 };
        let text = curves(&law, &Fit::new(&law, &[2_000_000], 0));
        assert!(text.lines().next().unwrap().contains('·'), "{text}");
        assert!(text.lines().nth(10).unwrap().contains('o'), "{text}");
    }
}
